// Sparse features as one flat array in which the nodes of several graphs can stand end to end: for each node how many it
// has, then their columns; where features have values, each column with its value after it, all as float32, in which
// columns up to 2^24 are exact.

import type { NodeFeatures } from "../graph/graph.ts";
import type { GraphInput } from "../network/graph-network-config.ts";

/** Features of P nodes: those of node p are `offsets[p] .. offsets[p + 1])`. */
export interface SparseRows {
  readonly ids: Int32Array;
  /** [P + 1]. */
  readonly offsets: Int32Array;
  /** Null where all are 1. */
  readonly weights: Float32Array | null;
}

/** The flat array of the features of a graph; `weighted` says whether with values. */
export function flattenSparse(
  { offsets, columns, values }: Extract<NodeFeatures, { kind: "sparse" }>,
  weighted: boolean,
): Int32Array | Float32Array {
  const nodes = offsets.length - 1;
  const each = weighted ? 2 : 1;
  const flat = new (weighted ? Float32Array : Int32Array)(nodes + each * columns.length);
  let at = 0;
  for (let node = 0; node < nodes; node += 1) {
    flat[at] = offsets[node + 1]! - offsets[node]!;
    at += 1;
    for (let entry = offsets[node]!; entry < offsets[node + 1]!; entry += 1) {
      flat[at] = columns[entry]!;
      if (weighted) flat[at + 1] = values?.[entry] ?? 1;
      at += each;
    }
  }
  return flat;
}

/** The features in a flat array. Throws `RangeError` unless it is one, with columns below `columns`. */
export function readSparseRows(
  { kind, columns }: Pick<GraphInput, "kind" | "columns">,
  flat: Int32Array | Float32Array,
): SparseRows {
  const weighted = kind === "weighted-sparse";
  const each = weighted ? 2 : 1;
  const ends: number[] = [0];
  let at = 0;
  while (at < flat.length) {
    const count = flat[at]!;
    const end = at + 1 + each * count;
    if (!(Number.isInteger(count) && count >= 0 && end <= flat.length)) {
      throw new RangeError(
        `Cannot use features: the number of features of node ${ends.length - 1} must be an integer whose features follow, it is ${count}`,
      );
    }
    ends.push(ends.at(-1)! + count);
    at = end;
  }
  const offsets = Int32Array.from(ends);
  const ids = new Int32Array(ends.at(-1)!);
  const weights = weighted ? new Float32Array(ids.length) : null;
  at = 0;
  for (let node = 0; node + 1 < offsets.length; node += 1) {
    at += 1;
    for (let entry = offsets[node]!; entry < offsets[node + 1]!; entry += 1) {
      const column = flat[at]!;
      if (!(Number.isInteger(column) && column >= 0 && column < columns)) {
        throw new RangeError(
          `Cannot use features: a column must be an integer from 0 to ${columns - 1}, it is ${column}`,
        );
      }
      ids[entry] = column;
      if (weights) weights[entry] = flat[at + 1]!;
      at += each;
    }
  }
  return { ids, offsets, weights };
}
