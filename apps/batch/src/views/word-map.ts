// The map of one text.

import { permittedPairs } from "@saccade/attention-core";
import type { AttendedText } from "../examples/attend-words.ts";
import type { HeatMap } from "../terminal/heat-map.ts";
import { printable } from "../terminal/text.ts";

/** Weights [heads, words, words] of `head` as a map. Throws `TypeError` unless the text was attended to with all weights. */
export function wordMap(words: readonly string[], { plan, weights }: AttendedText, head = 0): HeatMap {
  if (weights === null) throw new TypeError("Cannot draw a map: all weights must have been asked for, they were not");
  const permitted = permittedPairs(plan);
  const labels = words.map(printable);
  const at = (query: number, key: number): number => query * words.length + key;
  return {
    queries: labels,
    keys: labels,
    weight: (query, key) =>
      permitted[at(query, key)] === 1 ? weights[head * words.length ** 2 + at(query, key)]! : null,
  };
}
