// The map of a text of the user's own, as large as the terminal lets it be: with numbers, as shades, or as the
// strongest pairs alone.

import type { AttendedText } from "../examples/attend-words.ts";
import { headTitles } from "../examples/words.ts";
import { legend, numberedCell, numberedMap, shadedCell, shadedMap, withPlaces } from "../terminal/heat-map.ts";
import type { Look } from "../terminal/look.ts";
import { indent, sideBySide, table } from "../terminal/table.ts";
import { cutTo, printable, widthOf } from "../terminal/text.ts";
import { count, percent, plural } from "./numbers.ts";
import { wordMap } from "./word-map.ts";

/** A text and what came of it. */
export interface AttendView {
  readonly words: readonly string[];
  readonly heads: number;
  /** With the mean over heads as weights, or no weights, and the strongest keys of each word. */
  readonly attended: AttendedText;
  /** The weights of each head; null if there are none. */
  readonly headMaps: AttendedText | null;
}

/** Columns that the labels of a map may take. */
const labelColumns = 13;
/** Words that are listed with their strongest keys. */
const mostListed = 40;

/** Map or list, heads side by side where they fit, and what the plan computes. */
export function attendView({ words, heads, attended, headMaps }: AttendView, look: Look, columns: number): string[] {
  const { pairs, densePairs } = attended.plan;
  const lines = [...mapLines(words, attended, look, columns)];
  if (headMaps !== null && heads > 1) {
    const titles = headTitles(heads);
    const maps = titles.map((title, head) => [
      look.faint(title),
      ...shadedMap(withPlaces(wordMap(words, headMaps, head)), look),
    ]);
    const beside = sideBySide(maps, 4);
    if (Math.max(...beside.map(widthOf)) <= columns - 2) {
      lines.push("", look.title("each head by itself; shades are relative to a row's largest"), ...indent(beside));
    }
  }
  return [
    ...lines,
    "",
    `${plural(words.length, "word")}; ${plural(pairs, "pair")} computed of ${count(densePairs)} dense, ${percent(pairs / densePairs)}`,
  ];
}

function mapLines(words: readonly string[], attended: AttendedText, look: Look, columns: number): string[] {
  if (attended.weights !== null) {
    const map = wordMap(words, attended);
    if (labelColumns + words.length * numberedCell <= columns) {
      return [...numberedMap(map, look), "", legend(look, "a row")];
    }
    if (labelColumns + words.length * shadedCell <= columns) {
      return [
        ...shadedMap(withPlaces(map), look),
        "",
        legend(look, "a row's largest"),
        "",
        ...strongest(words, attended, look),
      ];
    }
  }
  return strongest(words, attended, look);
}

/** The strongest keys of the first words. */
function strongest(words: readonly string[], { topK }: AttendedText, look: Look): string[] {
  if (topK === null) return [];
  const name = (place: number): string => `${cutTo(printable(words[place]!), 16, look.cut)} (${place + 1})`;
  const rows = words.slice(0, mostListed).map((_, query) => {
    const best = Array.from({ length: topK.k }, (_, rank) => query * topK.k + rank)
      .filter((at) => topK.keys[at]! >= 0)
      .map((at) => `${name(topK.keys[at]!)} ${percent(topK.weights[at]!)}`);
    return [name(query), best.join(", ")];
  });
  const rest = words.length - rows.length;
  return [
    ...table([{ title: look.faint("word") }, { title: look.faint("attends most to") }], rows),
    ...(rest > 0 ? ["", `and ${plural(rest, "more word")}; --json has them all`] : []),
  ];
}
