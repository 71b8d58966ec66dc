// Several sentences as one ragged batch: which other word each sentence's words look at most.

import type { AttendedText } from "../examples/attend-words.ts";
import { table } from "../terminal/table.ts";
import { cutTo, printable } from "../terminal/text.ts";
import type { Look } from "../terminal/look.ts";
import { percent } from "./numbers.ts";

/** A line per sentence; `attended` must hold a map of at least the two largest weights, the mean over heads. */
export function samplesView(
  sentences: readonly { readonly text: string; readonly words: readonly string[] }[],
  attended: AttendedText,
  look: Look,
): string[] {
  let first = 0;
  const rows = sentences.map(({ text, words }) => {
    const found = strongestPair(attended, first, words);
    first += words.length;
    const name = (place: number): string => `${printable(words[place]!)} (${place + 1})`;
    const pair = found === null ? "" : `${name(found.query)} at ${name(found.key)}`;
    return [
      cutTo(printable(text), 50, look.cut),
      String(words.length),
      pair,
      found === null ? "" : percent(found.weight),
    ];
  });
  return table(
    [
      { title: look.faint("sentence") },
      { title: look.faint("words"), align: "right" },
      { title: look.faint("who looks most at another word") },
      { title: look.faint("weight"), align: "right" },
    ],
    rows,
  );
}

/** The largest weight of a word on another one, punctuation left out, of the set whose rows begin at `first`; null if there is none. */
function strongestPair(
  { topK }: AttendedText,
  first: number,
  words: readonly string[],
): { readonly query: number; readonly key: number; readonly weight: number } | null {
  if (topK === null) return null;
  let best: { query: number; key: number; weight: number } | null = null;
  for (let query = 0; query < words.length; query += 1) {
    for (let rank = 0; rank < topK.k; rank += 1) {
      const at = (first + query) * topK.k + rank;
      const key = topK.keys[at]!;
      const weight = topK.weights[at]!;
      if (key < 0 || key === query || !/\p{L}/u.test(words[key]!)) continue;
      if (weight > (best?.weight ?? 0)) best = { query, key, weight };
    }
  }
  return best;
}
