// Some sets of a batch as a batch of their own: what lets a batch that is too large go through a network in parts. Sets
// know nothing of each other, so that each has the same results in any part.

import type { Features } from "./features.ts";
import type { InputConfig } from "./model-config.ts";
import { edgesOf, slicePattern } from "./slice-pattern.ts";
import type { StemStage } from "./stem.ts";

/**
 * The features of sets `from .. end)` of `features`, which `checkFeatures` passed for `config`: their positions, with what
 * these are made of and who attends to whom among them. Arrays are views of those of the batch where they need no change.
 * Throws `RangeError` for sets that the batch does not have, and a pattern that is not one for its positions.
 *
 * @example
 * const half = sliceFeatures(config.input, features, 0, (features.offsets.length - 1) >> 1);
 */
export function sliceFeatures(config: InputConfig, features: Features, from: number, end: number): Features {
  const { offsets, values, convolutions, edges, pattern } = features;
  const sets = offsets.length - 1;
  if (!(Number.isInteger(from) && Number.isInteger(end) && from >= 0 && from <= end && end <= sets)) {
    throw new RangeError(
      `Cannot slice features: sets must be from .. end) within ${sets} sets, they are ${from} .. ${end})`,
    );
  }
  const [first, last] = [offsets[from]!, offsets[end]!];
  const own = {
    offsets: offsets.subarray(from, end + 1).map((offset) => offset - first),
    pattern: slicePattern(pattern, offsets, from, end),
    ...(edges && { edges: sliceEdges(edges, pattern, first, last) }),
  };
  if (config.kind === "convolutions") {
    const seen = sliceConvolutions(config.stages, convolutions!, { from: first, to: last });
    const { width } = config;
    return {
      ...own,
      values: values.subarray(seen.rows.from * width, seen.rows.to * width),
      convolutions: seen.convolutions,
    };
  }
  const columns = config.kind === "embeddings" ? config.columns : config.width;
  return { ...own, values: values.subarray(first * columns, last * columns) };
}

interface Rows {
  readonly from: number;
  readonly to: number;
}

/** The tables that lead to positions `positions`, and the rows of values that the first of them sees. */
function sliceConvolutions(
  stages: readonly StemStage[],
  convolutions: readonly Int32Array[],
  positions: Rows,
): { readonly convolutions: readonly Int32Array[]; readonly rows: Rows } {
  const sliced: Int32Array[] = [];
  let rows = positions;
  for (let stage = stages.length - 1; stage >= 0; stage -= 1) {
    const { taps } = stages[stage]!;
    const table = convolutions[stage]!.subarray(rows.from * taps, rows.to * taps);
    const seen = rowsSeen(table);
    sliced.unshift(table.map((row) => (row < 0 ? -1 : row - seen.from)));
    rows = seen;
  }
  return { convolutions: sliced, rows };
}

/** From the first row that a table names to the last: in a batch, rows of one set stand together. */
function rowsSeen(table: Int32Array): Rows {
  let [from, to] = [Infinity, 0];
  for (const row of table) {
    if (row < 0) continue;
    if (row < from) from = row;
    if (row >= to) to = row + 1;
  }
  return { from: Math.min(from, to), to };
}

function sliceEdges(edges: Float32Array, pattern: Features["pattern"], first: number, last: number): Float32Array {
  const graph = edgesOf(pattern);
  if (graph === undefined) return edges;
  const each = graph.indices.length === 0 ? 0 : edges.length / graph.indices.length;
  return edges.subarray(graph.offsets[first]! * each, graph.offsets[last]! * each);
}
