// What a network sees of graphs: one ragged batch, whose sets are graphs, and whose pattern is their edges.

import { type AttentionPattern, offsetsOf } from "@saccade/attention-core";
import { checkedRows } from "../graph/check-graph.ts";
import type { Graph } from "../graph/graph.ts";
import { addLoops, type NeighborRows } from "../graph/neighbor-rows.ts";
import type { GraphNetworkConfig } from "../network/graph-network-config.ts";
import { flattenSparse } from "./sparse-rows.ts";

/** The part of a configuration that features depend on. */
export type GraphFeatureConfig = Pick<GraphNetworkConfig, "input" | "edges" | "selfLoops">;

/** `Features` of graphs: always with a pattern of neighbours. */
export interface GraphFeatures {
  /** First node of each graph, then P: [N + 1]. */
  readonly offsets: Int32Array;
  /** Numbers of all nodes [P, F], or sparse features node by node: how many, then each (and its value, if weighted). */
  readonly values: Int32Array | Float32Array;
  /** G numbers for each edge in the pattern's order [E, G], zeros for added loops; only where the network reads them. */
  readonly edges?: Float32Array;
  /** The graphs' rows end to end; see `neighborRows` for the order of edges. */
  readonly pattern: Extract<AttentionPattern, { readonly kind: "neighbors" }>;
}

/**
 * The features of graphs, which are checked. Throws what `checkGraph` throws, and `RangeError` for a graph whose features
 * are not those that the network reads: dense for a dense input and sparse for a sparse one, with values of their own only
 * if it is weighted, of as many columns; features of edges where it reads them.
 */
export function graphFeatures(config: GraphFeatureConfig, graphs: readonly Graph[]): GraphFeatures {
  const rows = graphs.map((graph): NeighborRows => {
    const own = checkedRows(graph);
    checkFit(config, graph);
    return config.selfLoops ? addLoops(own) : own;
  });
  const { edges, input } = config;
  return {
    offsets: offsetsOf(graphs.map(({ nodes }) => nodes)),
    values:
      input.kind === "sparse"
        ? joinIntegers(graphs.map((graph) => nodeValues(graph, false) as Int32Array))
        : joinNumbers(graphs.map((graph) => nodeValues(graph, true) as Float32Array)),
    ...(edges && { edges: joinNumbers(graphs.map((graph, n) => edgeValues(graph, rows[n]!, edges.width))) }),
    pattern: {
      kind: "neighbors",
      offsets: joinOffsets(rows),
      indices: joinIntegers(rows.map(({ indices }) => indices)),
    },
  };
}

function checkFit({ input, edges }: GraphFeatureConfig, { nodeFeatures, edgeFeatures }: Graph): void {
  const kind = input.kind === "dense" ? "dense" : "sparse";
  if (nodeFeatures.kind !== kind || nodeFeatures.width !== input.columns) {
    refuse(
      `nodeFeatures must be ${kind} of ${input.columns} columns for this network, they are ${nodeFeatures.kind} of ${nodeFeatures.width}`,
    );
  }
  if (nodeFeatures.kind === "sparse" && nodeFeatures.values !== undefined && input.kind === "sparse") {
    refuse("nodeFeatures must have no values for this network, whose features are there or not; they have some");
  }
  if (edges !== undefined && edgeFeatures?.width !== edges.width) {
    refuse(
      `edgeFeatures must be ${edges.width} for each edge for this network, they are ${edgeFeatures?.width ?? "not there"}`,
    );
  }
}

function nodeValues({ nodeFeatures }: Graph, weighted: boolean): Int32Array | Float32Array {
  return nodeFeatures.kind === "dense" ? nodeFeatures.values : flattenSparse(nodeFeatures, weighted);
}

function edgeValues({ edgeFeatures }: Graph, { entries }: NeighborRows, width: number): Float32Array {
  const values = new Float32Array(entries.length * width);
  entries.forEach((entry, edge) => {
    if (entry >= 0) values.set(edgeFeatures!.values.subarray(entry * width, (entry + 1) * width), edge * width);
  });
  return values;
}

function joinOffsets(rows: readonly NeighborRows[]): Int32Array {
  const joined = new Int32Array(rows.reduce((sum, { offsets }) => sum + offsets.length - 1, 1));
  let [at, before] = [1, 0];
  for (const { offsets } of rows) {
    for (let row = 1; row < offsets.length; row += 1, at += 1) joined[at] = before + offsets[row]!;
    before += offsets.at(-1)!;
  }
  return joined;
}

function joinIntegers(parts: readonly Int32Array[]): Int32Array {
  return fill(new Int32Array(totalOf(parts)), parts);
}

function joinNumbers(parts: readonly Float32Array[]): Float32Array {
  return fill(new Float32Array(totalOf(parts)), parts);
}

function totalOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function fill<V extends Int32Array | Float32Array>(joined: V, parts: readonly V[]): V {
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function refuse(rule: string): never {
  throw new RangeError(`Cannot use a graph: ${rule}`);
}
