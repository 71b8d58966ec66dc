import type { Contestant, Expected, HostArray } from "./contestant.ts";

/**
 * The largest difference from the expected rows over the largest expected magnitude; Infinity where the output holds
 * a NaN or is too short. `undefined` for a contestant that computes something else.
 */
export function relativeError(contestant: Contestant, output: HostArray, expected: Expected): number | undefined {
  if (contestant.rowAt === null) return undefined;
  const rowAt = contestant.rowAt ?? ((row: number) => row);
  let scale = 0;
  let worst = 0;
  for (const [i, row] of expected.rows.entries()) {
    const at = rowAt(row) * expected.width;
    for (let column = 0; column < expected.width; column++) {
      const wanted = expected.values[i * expected.width + column]!;
      const difference = Math.abs(output[at + column]! - wanted);
      if (!(difference <= Number.MAX_VALUE)) return Infinity;
      scale = Math.max(scale, Math.abs(wanted));
      worst = Math.max(worst, difference);
    }
  }
  return worst / Math.max(scale, Number.MIN_VALUE);
}

/** Up to `count` rows of `total`, evenly spread, the first and the last among them. */
export function sampleRows(total: number, count: number): Int32Array {
  if (total <= count) return Int32Array.from({ length: total }, (_, row) => row);
  const step = (total - 1) / (count - 1);
  return Int32Array.from({ length: count }, (_, i) => Math.round(i * step));
}
