// One sentence under three patterns, without positions and with two kinds of them.

import type { AttendedText, Positions } from "../examples/attend-words.ts";
import { headTitles } from "../examples/words.ts";
import { legend, numberedMap, shadedMap, withPlaces } from "../terminal/heat-map.ts";
import type { Look } from "../terminal/look.ts";
import { indent, sideBySide } from "../terminal/table.ts";
import { percent } from "./numbers.ts";
import { wordMap } from "./word-map.ts";

/** The maps of a sentence, the mean over heads of each. */
export interface SentenceView {
  readonly words: readonly string[];
  readonly patterns: readonly { readonly title: string; readonly attended: ReadonlyMap<Positions, AttendedText> }[];
  /** The full pattern without positions, head by head. */
  readonly heads: AttendedText;
  readonly headCount: number;
  /** Places of two equal words, from 0. */
  readonly twins: readonly [first: number, second: number];
}

const positionTitles: Readonly<Record<Positions, string>> = {
  none: "without positions",
  sinusoidal: "with sinusoidal positions",
  rotary: "with rotary positions",
};

/** All maps, and what tells the twins apart. */
export function sentenceView({ words, patterns, heads, headCount, twins }: SentenceView, look: Look): string[] {
  const kinds = Object.keys(positionTitles) as Positions[];
  const rows = kinds.flatMap((positions) => {
    const maps = patterns.map(({ title, attended }) => [
      look.faint(title),
      ...numberedMap(wordMap(words, attended.get(positions)!), look),
    ]);
    return [look.title(positionTitles[positions]), ...indent(sideBySide(maps)), ""];
  });
  const titles = headTitles(headCount);
  const headMaps = titles.map((title, head) => [
    look.faint(title),
    ...shadedMap(withPlaces(wordMap(words, heads, head)), look),
  ]);
  const [first, second] = twins;
  const word = words[first]!;
  const full = patterns[0]!.attended;
  return [
    ...rows,
    legend(look, "a row"),
    "",
    look.title("each head by itself, full, without positions; shades are relative to a row's largest"),
    ...indent(sideBySide(headMaps, 6)),
    "",
    `Words ${first + 1} and ${second + 1} are both "${word}". Their rows of the full map differ by at most`,
    ...kinds.map((positions) => {
      const apart = rowDifference(full.get(positions)!, words.length, first, second);
      const meaning = positions === "none" ? ": nothing tells them apart" : "";
      return `  ${percent(apart).padStart(5)} ${positionTitles[positions]}${meaning}`;
    }),
  ];
}

/** The largest difference between two rows of weights. */
export function rowDifference({ weights }: AttendedText, words: number, first: number, second: number): number {
  let largest = 0;
  for (let key = 0; key < words; key += 1) {
    largest = Math.max(largest, Math.abs(weights![first * words + key]! - weights![second * words + key]!));
  }
  return largest;
}
