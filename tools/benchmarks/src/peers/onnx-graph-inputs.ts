// A batch of graphs as arrays that ONNX operators take: edges as lists, or neighbours padded to the longest row.
import type { GraphFeatures, GraphNetworkConfig } from "@saccade/graph-nodes";
import type { OnnxValue } from "./onnx-model.ts";

/**
 * How sums over neighbours are made: by ScatterND with its reductions over a list of edges, or by reductions over rows of
 * neighbours that are padded to the longest.
 */
export type OnnxGraphForm = "ScatterND" | "padded neighbours";

export const onnxGraphForms: readonly OnnxGraphForm[] = ["ScatterND", "padded neighbours"];

/** What a graph reads, by name. */
export type OnnxFeeds = Readonly<Record<string, { readonly values: FeedValues; readonly shape: readonly number[] }>>;

type FeedValues = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/** The values of the model's inputs for a form. Throws `RangeError` for a node without neighbours where rows are padded. */
export function graphFeeds(config: GraphNetworkConfig, features: GraphFeatures, form: OnnxGraphForm): OnnxFeeds {
  const { pattern, offsets, edges } = features;
  const nodes = offsets.at(-1)!;
  const sources = globalSources(features);
  return {
    ...nodeFeeds(config, features, nodes),
    ...(form === "ScatterND" ? listFeeds(pattern.offsets, sources) : paddedFeeds(pattern.offsets, sources, edges)),
    ...(edges && config.edges
      ? { edges: { values: edges.slice(), shape: [sources.length, config.edges.width] } }
      : undefined),
    ...(config.head.kind === "set-label" ? readoutFeeds(offsets) : undefined),
  };
}

/** The inputs of the model, as its graph declares them. */
export function feedInputs(feeds: OnnxFeeds): OnnxValue[] {
  return Object.entries(feeds).map(([name, { values, shape }]) => {
    const type = values instanceof Float32Array ? "float32" : values instanceof Int32Array ? "int32" : "int64";
    return { name, type, shape };
  });
}

/** For each edge the node that is attended to, counted through all graphs. */
function globalSources({ offsets, pattern }: GraphFeatures): Int32Array<ArrayBuffer> {
  const sources = new Int32Array(pattern.indices.length);
  for (let graph = 0; graph + 1 < offsets.length; graph++) {
    const first = offsets[graph]!;
    const end = pattern.offsets[offsets[graph + 1]!]!;
    for (let edge = pattern.offsets[first]!; edge < end; edge++) sources[edge] = first + pattern.indices[edge]!;
  }
  return sources;
}

/** Dense features as they are; of sparse ones the columns of each node, padded with one more column, whose row is zero. */
function nodeFeeds({ input }: GraphNetworkConfig, { values }: GraphFeatures, nodes: number): OnnxFeeds {
  const { kind, columns, scaling = "sum" } = input;
  if (kind === "dense") return { values: { values: Float32Array.from(values), shape: [nodes, columns] } };
  if (kind !== "sparse") throw new RangeError(`Cannot export a network: its input must not be ${kind}`);
  const lists: Int32Array[] = [];
  for (let at = 0; at < values.length; at += 1 + values[at]!) {
    lists.push(Int32Array.from(values.subarray(at + 1, at + 1 + values[at]!)));
  }
  const longest = Math.max(...lists.map(({ length }) => length));
  const padded = new Int32Array(nodes * longest).fill(columns);
  for (const [node, list] of lists.entries()) padded.set(list, node * longest);
  const shares = Float32Array.from(lists, ({ length }) => 1 / Math.max(1, length));
  return {
    columns: { values: padded, shape: [nodes, longest] },
    ...(scaling === "mean" ? { shares: { values: shares, shape: [nodes, 1] } } : undefined),
  };
}

function listFeeds(offsets: Int32Array, sources: Int32Array<ArrayBuffer>): OnnxFeeds {
  const targets = new Int32Array(sources.length);
  for (let node = 0; node + 1 < offsets.length; node++) targets.fill(node, offsets[node], offsets[node + 1]);
  return {
    sources: { values: sources, shape: [sources.length] },
    targets: { values: targets, shape: [targets.length] },
    targetRows: { values: BigInt64Array.from(targets, BigInt), shape: [targets.length, 1] },
  };
}

function paddedFeeds(offsets: Int32Array, sources: Int32Array, edges: Float32Array | undefined): OnnxFeeds {
  const nodes = offsets.length - 1;
  const lengths = Array.from({ length: nodes }, (_, node) => offsets[node + 1]! - offsets[node]!);
  const longest = Math.max(...lengths);
  const neighbors = new Int32Array(nodes * longest);
  const places = new Int32Array(nodes * longest);
  const mask = new Float32Array(nodes * longest).fill(forbidden);
  for (const [node, length] of lengths.entries()) {
    if (length === 0) throw new RangeError(`Cannot export a network: each node must have neighbours, ${node} has none`);
    for (let i = 0; i < length; i++) {
      neighbors[node * longest + i] = sources[offsets[node]! + i]!;
      places[node * longest + i] = offsets[node]! + i;
      mask[node * longest + i] = 0;
    }
  }
  return {
    neighbors: { values: neighbors, shape: [nodes, longest] },
    mask: { values: mask, shape: [nodes, longest, 1] },
    ...(edges && { places: { values: places, shape: [nodes, longest] } }),
  };
}

/** The nodes of each graph, padded to the largest. */
function readoutFeeds(offsets: Int32Array): OnnxFeeds {
  const graphs = offsets.length - 1;
  const sizes = Array.from({ length: graphs }, (_, graph) => offsets[graph + 1]! - offsets[graph]!);
  const largest = Math.max(...sizes);
  const members = new Int32Array(graphs * largest);
  const presence = new Float32Array(graphs * largest);
  for (const [graph, size] of sizes.entries()) {
    for (let i = 0; i < size; i++) {
      members[graph * largest + i] = offsets[graph]! + i;
      presence[graph * largest + i] = 1;
    }
  }
  return {
    members: { values: members, shape: [graphs, largest] },
    presence: { values: presence, shape: [graphs, largest, 1] },
    absence: { values: presence.map((is) => (is ? 0 : forbidden)), shape: [graphs, 1, 1, largest] },
    graphShares: { values: Float32Array.from(sizes, (size) => 1 / Math.max(1, size)), shape: [graphs, 1] },
  };
}

/** Added to the scores of what is not there. */
export const forbidden = -1e30;
