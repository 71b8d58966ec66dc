// From the weights of edges to weights of nodes: how much of each comes through to what was read out.

import type { SetMaps } from "@saccade/pipeline";

/** Edges as tasks and `neighborRows` with `attendingNodes` give them: `to[e]` attends to `from[e]`. */
export interface WeightedEdges {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * Attention rollout (Abnar and Zuidema 2020) along edges: a share for each of `nodes` nodes, which sum to 1 unless nodes
 * attend to nothing. `maps` are those of one graph, of `explain` with `edges` of all layers and, where the readout attends,
 * `columnSums`; shares begin as those of the readout, or all equal. In each layer half of a node's share stays with it and
 * half goes to those it attends to, by the mean over heads. It says where attention went, not what caused a value. Throws
 * `RangeError` for maps that are not of these edges.
 */
export function nodeWeights(nodes: number, { from, to }: WeightedEdges, { layers }: SetMaps): Float64Array {
  const ofEdges = layers.filter(({ edges }) => edges !== undefined);
  const readout = layers.find(({ edges, columnSums }) => edges === undefined && columnSums?.length);
  let shares = readout ? sharesOf(readout.columnSums!, nodes) : new Float64Array(nodes).fill(1 / nodes);
  for (const { layer, edges } of ofEdges.toReversed()) {
    const weights = edges!;
    const heads = from.length === 0 ? 1 : weights.length / from.length;
    if (!Number.isInteger(heads) || (heads === 0 && from.length > 0)) {
      throw new RangeError(
        `Cannot weigh nodes: maps must have weights for each of ${from.length} edges, layer ${layer} has ${weights.length}`,
      );
    }
    const next = shares.map((share) => share / 2);
    for (let edge = 0; edge < from.length; edge += 1) {
      let sum = 0;
      for (let head = 0; head < heads; head += 1) sum += weights[edge * heads + head]!;
      next[from[edge]!]! += (shares[to[edge]!]! / 2) * (sum / heads);
    }
    shares = next;
  }
  return shares;
}

/** The shares of column sums [nodes, H] of a readout. */
function sharesOf(columnSums: Float32Array, nodes: number): Float64Array {
  const heads = columnSums.length / nodes;
  const total = columnSums.reduce((sum, each) => sum + each, 0);
  return Float64Array.from({ length: nodes }, (_, node) => {
    const own = columnSums.subarray(node * heads, (node + 1) * heads);
    return own.reduce((sum, each) => sum + each, 0) / (total || 1);
  });
}
