// Texts with the tags of their words under them and their sentiment before them, and the tagger's map of two equal words.

import type { ReadSamples, TaggedTwins } from "../examples/read-samples.ts";
import { legend, numberedMap } from "../terminal/heat-map.ts";
import type { Look } from "../terminal/look.ts";
import { indent } from "../terminal/table.ts";
import { cutTo, padEnd, printable, widthOf } from "../terminal/text.ts";
import { percent } from "./numbers.ts";

const longestWord = 30;
const sentimentColumns = 16;

/** For each text its words over their tags, in as many lines as `columns` asks for; its sentiment before the first. */
export function samplesView({ texts }: Pick<ReadSamples, "texts">, look: Look, columns: number): string[] {
  return texts.flatMap(({ text, tagged, sentiment }) => {
    const label = sentiment === null ? "" : `${printable(sentiment.label)} ${percent(sentiment.score)}`;
    const side = sentiment === null ? "" : (sentiment.label === "negative" ? look.bad : look.good)(label);
    const room = columns - sentimentColumns;
    const lines =
      tagged === null
        ? [printable(text)]
        : tagged.tokens.length === 0
          ? [""]
          : wordsOverTags(tagged.tokens, look, room);
    return lines.map((line, n) => `${padEnd(n === 0 ? side : "", sentimentColumns)}${line}`.trimEnd());
  });
}

function wordsOverTags(
  tokens: readonly { readonly text: string; readonly tag: string }[],
  look: Look,
  columns: number,
): string[] {
  const lines: string[] = [];
  let [words, tags, width] = ["", "", 0];
  const end = (): void => {
    lines.push(words.trimEnd(), look.faint(tags.trimEnd()));
    [words, tags, width] = ["", "", 0];
  };
  for (const { text, tag } of tokens) {
    const word = cutTo(printable(text), longestWord, look.cut);
    const cell = Math.max(widthOf(word), widthOf(tag)) + 1;
    if (width > 0 && width + cell > columns) end();
    words += padEnd(word, cell);
    tags += padEnd(tag, cell);
    width += cell;
  }
  end();
  return lines;
}

/** The map, and what tells the words at the places `first` and `second` apart. */
export function twinsView(
  { words, tags, tagsAlone, weights }: TaggedTwins,
  [first, second]: readonly [first: number, second: number],
  look: Look,
): string[] {
  const labels = words.map(printable);
  const n = words.length;
  const map = { queries: labels, keys: labels, weight: (query: number, key: number) => weights[query * n + key]! };
  const tagged = numberedMap(map, look).map((line, row) =>
    row === 0 ? line : `${line}  ${look.faint(tags[row - 1]!)}`,
  );
  const word = labels[first]!;
  const alone = tagsAlone && [tagsAlone[first]!, tagsAlone[second]!];
  const sentences = [
    `Word ${first + 1}, "${word}", is ${tags[first]!}; word ${second + 1}, "${labels[second]!}", is ${tags[second]!}: their rows differ by up to ${percent(rowDifference(weights, n, first, second))}.`,
    ...(alone === null
      ? []
      : [
          `The same tagger without attention says ${alone[0]!} and ${alone[1]!}${alone[0] === alone[1] ? ": nothing tells them apart" : ""}.`,
        ]),
  ];
  return [...indent(tagged, 0), "", legend(look, "a row"), "", ...sentences];
}

/** The largest difference between two rows of weights [n, n]. */
export function rowDifference(weights: Float32Array, n: number, first: number, second: number): number {
  const differences = Array.from({ length: n }, (_, key) =>
    Math.abs(weights[first * n + key]! - weights[second * n + key]!),
  );
  return Math.max(0, ...differences);
}
