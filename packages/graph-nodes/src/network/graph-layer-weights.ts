// The weights of a layer of attention over neighbours, and their names.

import {
  type FeedForwardConfig,
  type FeedForwardWeights,
  layoutFeedForward,
  layoutLinear,
  layoutNorm,
  type LinearWeights,
  type NormConfig,
  type NormWeights,
  type Tensor,
  type WeightLeaf,
} from "@saccade/attention-core";
import { epsilon, type GraphEdgeInput, type GraphLayer, outputWidth } from "./graph-network-config.ts";

/** How a layer scores, by its kind: maps [I, H · D], vectors [H, D]. */
export type ScoreWeights<T = Tensor> =
  | { readonly kind: "gat"; readonly map: LinearWeights<T> | null; readonly target: T; readonly source: T }
  | { readonly kind: "gatv2"; readonly query: LinearWeights<T>; readonly key: LinearWeights<T>; readonly vector: T }
  | {
      readonly kind: "transformer";
      readonly query: LinearWeights<T>;
      readonly key: LinearWeights<T>;
      readonly value: LinearWeights<T>;
    };

/** What features of edges [E, G] go through. */
export interface EdgeWeights<T = Tensor> {
  /** To a number for each head [G, H]. */
  readonly bias: LinearWeights<T> | null;
  /** To what is added to a key [G, H · D], or [G, H] of a `gat` layer. */
  readonly key: LinearWeights<T> | null;
  /** To what is added to a value [G, H · D], where that is not what is added to the key. */
  readonly value: LinearWeights<T> | null;
}

/** The weights of a layer from I columns to O. */
export interface GraphLayerWeights<T = Tensor> {
  readonly norm: NormWeights<T> | null;
  readonly score: ScoreWeights<T>;
  readonly edges: EdgeWeights<T>;
  /** [O]. */
  readonly bias: T | null;
  /** [I, O], of the path that skips attention where widths differ. */
  readonly skip: LinearWeights<T> | null;
  readonly feedForward: { readonly norm: NormWeights<T> | null; readonly block: FeedForwardWeights<T> } | null;
}

/** The weights of `layer` for rows of `inputs` columns, named `path.query.weight` and so on. */
export function layoutGraphLayer<T>(
  path: string,
  layer: GraphLayer,
  inputs: number,
  edges: GraphEdgeInput | undefined,
  leaf: WeightLeaf<T>,
): GraphLayerWeights<T> {
  const { norm, biases = true, residual = false } = layer;
  const outputs = outputWidth(layer);
  const block = feedForwardConfig(layer);
  return {
    norm: norm ? layoutNorm(`${path}.norm`, normConfig(norm, inputs), leaf) : null,
    score: layoutScore(path, layer, inputs, leaf),
    edges: layoutEdges(`${path}.edges`, layer, edges, leaf),
    bias:
      biases && layer.kind !== "transformer" ? leaf({ name: `${path}.bias`, shape: [outputs], role: "bias" }) : null,
    skip: residual && inputs !== outputs ? layoutLinear(`${path}.skip`, inputs, outputs, false, leaf) : null,
    feedForward: block && {
      norm: norm ? layoutNorm(`${path}.feedForward.norm`, normConfig(norm, outputs), leaf) : null,
      block: layoutFeedForward(`${path}.feedForward`, block, leaf),
    },
  };
}

/** What norms of `width` columns read. */
export function normConfig(norm: "layer" | "rms", width: number): NormConfig {
  return { norm, width, epsilon };
}

/** What the feed-forward block of `layer` reads; null where it has none. */
export function feedForwardConfig(layer: GraphLayer): FeedForwardConfig | null {
  const { feedForward } = layer;
  if (feedForward === undefined) return null;
  return { width: outputWidth(layer), feedForwardWidth: feedForward.width, activation: feedForward.activation };
}

function layoutScore<T>(path: string, layer: GraphLayer, inputs: number, leaf: WeightLeaf<T>): ScoreWeights<T> {
  const { kind, heads, headWidth, biases = true, map = true } = layer;
  const toHeads = (name: string, biased: boolean): LinearWeights<T> =>
    layoutLinear(`${path}.${name}`, inputs, heads * headWidth, biased, leaf);
  const vector = (name: string): T => leaf({ name: `${path}.${name}`, shape: [heads, headWidth], role: "matrix" });
  switch (kind) {
    case "gat":
      return { kind, map: map ? toHeads("map", false) : null, target: vector("target"), source: vector("source") };
    case "gatv2":
      return { kind, query: toHeads("query", biases), key: toHeads("key", biases), vector: vector("vector") };
    case "transformer":
      return { kind, query: toHeads("query", biases), key: toHeads("key", biases), value: toHeads("value", biases) };
    default:
      return kind satisfies never;
  }
}

function layoutEdges<T>(
  path: string,
  { kind, heads, headWidth }: GraphLayer,
  edges: GraphEdgeInput | undefined,
  leaf: WeightLeaf<T>,
): EdgeWeights<T> {
  const map = (name: string, outputs: number): LinearWeights<T> =>
    layoutLinear(`${path}.${name}`, edges!.width, outputs, false, leaf);
  return {
    bias: edges?.use === "bias" ? map("bias", heads) : null,
    key: edges && edges.use !== "bias" ? map("key", kind === "gat" ? heads : heads * headWidth) : null,
    value: edges?.use === "keys-values" && kind === "gat" ? map("value", heads * headWidth) : null,
  };
}
