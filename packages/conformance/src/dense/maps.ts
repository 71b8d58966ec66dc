// What each map must hold, from the weights of every pair.

import type { MapRequest } from "@saccade/attention-core";
import type { DenseInput, DenseOutput, DenseRow } from "./attention.ts";

/** Weights of one head, or their mean over heads, of one query row: a number per key of its set. */
function weightsOf(rows: readonly DenseRow[], keyCount: number): Float64Array {
  const weights = new Float64Array(keyCount);
  for (const row of rows) for (const { key, weight } of row.weighted) weights[key]! += weight / rows.length;
  return weights;
}

/** The heads of query row `row`, one by one, or all together where the mean was asked for. */
export function headGroups(dense: DenseOutput, row: number, heads: number, mean: boolean): (readonly DenseRow[])[] {
  const all = dense.rows.slice(row * heads, (row + 1) * heads);
  return mean ? [all] : all.map((head) => [head]);
}

/** The map `rows`: for each of `wanted` in turn [H, keys of its set]. */
export function denseRows(input: DenseInput, dense: DenseOutput, wanted: Int32Array, mean: boolean): number[] {
  const values: number[] = [];
  for (const row of wanted) {
    for (const group of headGroups(dense, row, input.heads, mean))
      values.push(...weightsOf(group, keysOf(input, group)));
  }
  return values;
}

/** The map `columnSums`: [key rows, H]. */
export function denseColumnSums(input: DenseInput, dense: DenseOutput, mean: boolean): Float64Array {
  const columns = mean ? 1 : input.heads;
  const sums = new Float64Array((input.keys.at(-1) ?? 0) * columns);
  for (const { set, head, weighted } of dense.rows) {
    for (const { key, weight } of weighted) {
      sums[(input.keys[set]! + key) * columns + (mean ? 0 : head)]! += mean ? weight / input.heads : weight;
    }
  }
  return sums;
}

/** The map `entropy`: -Σ w ln w per row and head [P, H]. */
export function denseEntropy(dense: DenseOutput): number[] {
  return dense.rows.map(({ weighted }) =>
    weighted.reduce((sum, { weight }) => (weight === 0 ? sum : sum - weight * Math.log(weight)), 0),
  );
}

/** The map `logSumExp` per row and head [P, H]. */
export function denseLogSumExp(dense: DenseOutput): number[] {
  return dense.rows.map(({ weighted }) => {
    if (weighted.length === 0) return -Infinity;
    const largest = Math.max(...weighted.map(({ score }) => score));
    return largest + Math.log(weighted.reduce((sum, { score }) => sum + Math.exp(score - largest), 0));
  });
}

/** The map `edges`: [E, H]. */
export function denseEdges(input: DenseInput, dense: DenseOutput, edgeCount: number, mean: boolean): Float64Array {
  const columns = mean ? 1 : input.heads;
  const values = new Float64Array(edgeCount * columns);
  for (const { head, weighted } of dense.rows) {
    for (const { edge, weight } of weighted)
      values[edge * columns + (mean ? 0 : head)]! += mean ? weight / input.heads : weight;
  }
  return values;
}

/** The map `full`: for each set in turn [H, queries, keys]. */
export function denseFull(
  input: DenseInput,
  dense: DenseOutput,
  stage: NonNullable<MapRequest["full"]>,
  mean: boolean,
): number[] {
  const values: number[] = [];
  const columns = mean ? 1 : input.heads;
  for (let set = 0; set + 1 < input.queries.length; set++) {
    for (let head = 0; head < columns; head++) {
      for (let row = input.queries[set]!; row < input.queries[set + 1]!; row++) {
        const group = headGroups(dense, row, input.heads, mean)[head]!;
        values.push(...stageOf(group, stage, keysOf(input, group)));
      }
    }
  }
  return values;
}

function stageOf(group: readonly DenseRow[], stage: NonNullable<MapRequest["full"]>, keyCount: number): Float64Array {
  if (stage === "weights") return weightsOf(group, keyCount);
  const mean = new Float64Array(keyCount);
  for (const row of group) {
    const biased = new Float64Array(keyCount).fill(-Infinity);
    for (const { key, score } of row.weighted) biased[key] = score;
    const values = stage === "scores" ? row.scores : stage === "capped" ? row.capped : biased;
    for (let key = 0; key < keyCount; key++) mean[key]! += values[key]! / group.length;
  }
  return mean;
}

function keysOf(input: DenseInput, group: readonly DenseRow[]): number {
  const set = group[0]?.set ?? 0;
  return input.keys[set + 1]! - input.keys[set]!;
}
