import type { Contestant, Expected, HostArray } from "./contestant.ts";

/**
 * The largest difference from the expected rows over the largest expected magnitude, of each group alone; Infinity where
 * the output holds a NaN or is too short. `undefined` for a contestant that computes something else.
 */
export function relativeError(contestant: Contestant, output: HostArray, expected: Expected): number | undefined {
  if (contestant.rowAt === null) return undefined;
  const rowAt = contestant.rowAt ?? ((row: number) => row);
  const scales = new Map<number, number>();
  const worst = new Map<number, number>();
  for (const [i, row] of expected.rows.entries()) {
    const at = rowAt(row) * expected.width;
    const group = expected.groups?.[i] ?? 0;
    let scale = scales.get(group) ?? 0;
    let largest = worst.get(group) ?? 0;
    for (let column = 0; column < expected.width; column++) {
      const wanted = expected.values[i * expected.width + column]!;
      const difference = Math.abs(output[at + column]! - wanted);
      if (!(difference <= Number.MAX_VALUE)) return Infinity;
      scale = Math.max(scale, Math.abs(wanted));
      largest = Math.max(largest, difference);
    }
    scales.set(group, scale);
    worst.set(group, largest);
  }
  return Math.max(0, ...Array.from(worst, ([group, error]) => error / Math.max(scales.get(group)!, Number.MIN_VALUE)));
}

/** Up to `count` rows of `total`, evenly spread, the first and the last among them. */
export function sampleRows(total: number, count: number): Int32Array {
  if (total <= count) return Int32Array.from({ length: total }, (_, row) => row);
  const step = (total - 1) / (count - 1);
  return Int32Array.from({ length: count }, (_, i) => Math.round(i * step));
}
