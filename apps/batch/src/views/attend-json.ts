// What `saccade attend --json` prints: one object on one line.

import type { WasmBackend } from "@saccade/attention-core/wasm";
import type { AttendCommand } from "../commands/attend.ts";
import type { AttendedText } from "../examples/attend-words.ts";

/** What goes into the object. */
export interface AttendReport {
  readonly words: readonly string[];
  readonly command: Pick<AttendCommand, "pattern" | "heads" | "positions">;
  readonly headWidth: number;
  readonly backend: Pick<WasmBackend, "name" | "binary" | "threads" | "reason">;
  readonly attended: AttendedText;
  readonly difference: number | null;
}

/**
 * The object as text. `weights` [words][words] is the mean over heads, 0 where the pattern forbids, null for a long text;
 * `topK` holds the strongest keys of each word, counted from 0; `difference` is null if the reference was not asked.
 */
export function attendJson({ words, command, headWidth, backend, attended, difference }: AttendReport): string {
  const { name, binary, threads, reason } = backend;
  const { plan, weights, topK, columnSums, entropy, milliseconds } = attended;
  const { pattern, heads, positions } = command;
  const n = words.length;
  const rowOf = (row: number): number[] => [...weights!.subarray(row * n, (row + 1) * n)];
  const topOf = (row: number): { key: number; weight: number }[] =>
    Array.from({ length: topK!.k }, (_, rank) => row * topK!.k + rank)
      .filter((at) => topK!.keys[at]! >= 0)
      .map((at) => ({ key: topK!.keys[at]!, weight: topK!.weights[at]! }));
  return JSON.stringify({
    words,
    pattern,
    positions,
    heads,
    headWidth,
    pairs: plan.pairs,
    densePairs: plan.densePairs,
    backend: { name, binary, threads, reason },
    milliseconds,
    difference,
    weights: weights === null ? null : words.map((_, row) => rowOf(row)),
    topK: topK === null ? null : words.map((_, row) => topOf(row)),
    columnSums: columnSums === null ? null : [...columnSums],
    entropy: entropy === null ? null : words.map((_, row) => [...entropy.subarray(row * heads, (row + 1) * heads)]),
  });
}
