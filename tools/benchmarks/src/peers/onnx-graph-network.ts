// A network over graphs as an ONNX graph, its weights constants, the graphs its inputs: Gather, and sums over neighbours in
// either form of `onnx-graph-inputs.ts`.
import type { Weights } from "@saccade/attention-core";
import type { GraphFeatures, GraphHead, GraphLayer, GraphNetworkConfig } from "@saccade/graph-nodes";
import type { Contestant } from "../contestant.ts";
import { attendNode } from "./onnx-attention-nodes.ts";
import { activationNode, buildOnnx, linearNode, type NamedTensor, normNode, type OnnxBuilder } from "./onnx-builder.ts";
import { feedInputs, forbidden, graphFeeds, type OnnxFeeds, type OnnxGraphForm } from "./onnx-graph-inputs.ts";
import { type NeighborNodes, neighborNodes } from "./onnx-neighbors.ts";
import { onnxContestant, type OnnxRuntime } from "./onnxruntime.ts";

/** The network over one batch: [P, L], or [N, L] where graphs are labelled. Rejects for settings that no case uses. */
export async function onnxGraphNetwork(
  { open }: OnnxRuntime,
  config: GraphNetworkConfig,
  weights: Weights,
  features: GraphFeatures,
  form: OnnxGraphForm,
): Promise<Contestant> {
  const feeds = graphFeeds(config, features, form);
  const nodes = features.offsets.at(-1)!;
  const builder = buildOnnx();
  const find = (name: string): NamedTensor | null => {
    const tensor = weights.get(name);
    return tensor ? { name, ...tensor } : null;
  };
  const network: Exporter = { builder, find, linear: (path, x) => linearOf(builder, find, path, x) };
  const neighbors = neighborNodes(builder, form, nodes);
  let rows = inputNodes(network, config, feeds);
  for (const [n, layer] of config.layers.entries()) rows = layerNodes(network, config, layer, n, neighbors, rows);
  const scores = headNodes(network, config.head, rows);
  const sets = config.head.kind === "set-label" ? features.offsets.length - 1 : nodes;
  const session = await open(builder.finish(feedInputs(feeds), scores, [sets, config.head.labels]));
  const values = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feed.values]));
  return onnxContestant(`graph with ${form}`, session, values);
}

/** What the parts of the network are made with: weights by their names, which are those of `graphNetwork`. */
interface Exporter {
  readonly builder: OnnxBuilder;
  readonly find: (name: string) => NamedTensor | null;
  readonly linear: (path: string, x: string) => string;
}

function linearOf(builder: OnnxBuilder, find: Exporter["find"], path: string, x: string): string {
  const weight = find(`${path}.weight`);
  if (!weight) throw new RangeError(`Cannot export a network: the weights must hold ${path}.weight, they do not`);
  return linearNode(builder, { weight, bias: find(`${path}.bias`) }, x);
}

function inputNodes({ builder, find, linear }: Exporter, { input }: GraphNetworkConfig, feeds: OnnxFeeds): string {
  if (input.kind === "dense") return activationNode(builder, input.activation, linear("input.linear", "values"));
  const table = find("input.table")!;
  const withZeros = new Float32Array(table.values.length + input.width);
  withZeros.set(table.values);
  const looked = builder.node("Gather", [builder.constant(withZeros, [input.columns + 1, input.width]), "columns"]);
  const sums = builder.node("ReduceSum", [looked, builder.list(1)], { keepdims: 0 });
  const scaled = feeds["shares"] ? builder.node("Mul", [sums, "shares"]) : sums;
  const bias = find("input.bias");
  const shifted = bias ? builder.node("Add", [scaled, builder.weight(bias)]) : scaled;
  return activationNode(builder, input.activation, shifted);
}

function layerNodes(
  network: Exporter,
  config: GraphNetworkConfig,
  layer: GraphLayer,
  n: number,
  neighbors: NeighborNodes,
  x: string,
): string {
  const { builder, find, linear } = network;
  const path = `layers.${n}`;
  const norm = (name: string, rows: string): string => {
    const gain = find(`${name}.gain`);
    if (!layer.norm || !gain) return rows;
    return normNode(builder, { norm: layer.norm, epsilon: 1e-5 }, { gain, bias: find(`${name}.bias`) }, rows);
  };
  let rows = attentionNodes(network, config, layer, path, neighbors, norm(`${path}.norm`, x));
  const bias = find(`${path}.bias`);
  if (bias) rows = builder.node("Add", [rows, builder.weight(bias)]);
  if (layer.residual) {
    rows = builder.node("Add", [find(`${path}.skip.weight`) ? linear(`${path}.skip`, x) : x, rows]);
  }
  rows = activationNode(builder, layer.activation, rows);
  if (!layer.feedForward) return rows;
  const wide = linear(`${path}.feedForward.up`, norm(`${path}.feedForward.norm`, rows));
  const activated = activationNode(builder, layer.feedForward.activation, wide);
  return builder.node("Add", [rows, linear(`${path}.feedForward.down`, activated)]);
}

/** Attention over neighbours of rows [P, I]: [P, O], the layer's bias aside. */
function attentionNodes(
  { builder, find, linear }: Exporter,
  { edges }: GraphNetworkConfig,
  layer: GraphLayer,
  path: string,
  neighbors: NeighborNodes,
  x: string,
): string {
  const { kind, heads, headWidth, combine, diffusion } = layer;
  const { atSources, atTargets, atEdges, inHeads, weigh, mix } = neighbors;
  const sum = (a: string, b: string | null): string => (b === null ? a : builder.node("Add", [a, b]));
  const overHead = (products: string): string =>
    builder.node("ReduceSum", [products, builder.list(-1)], { keepdims: 0 });
  const ofEdges = (name: string): string | null =>
    edges && find(`${path}.edges.${name}.weight`) ? atEdges(linear(`${path}.edges.${name}`, "edges")) : null;
  const leaky = (scores: string): string => builder.node("LeakyRelu", [scores], { alpha: 0.2 });
  const onKeys = ofEdges("key");
  const onValues = edges?.use === "keys-values" ? (ofEdges("value") ?? onKeys) : null;

  let [scores, values] = ["", x];
  if (kind === "gat") {
    if (layer.map !== false) values = linear(`${path}.map`, x);
    const dots = (name: string): string => {
      const perHead = builder.node("Reshape", [values, builder.list(0, heads, headWidth)]);
      return overHead(builder.node("Mul", [perHead, builder.weight(find(`${path}.${name}`)!)]));
    };
    scores = leaky(sum(builder.node("Add", [atTargets(dots("target")), atSources(dots("source"))]), onKeys));
  } else {
    const [query, key] = [linear(`${path}.query`, x), linear(`${path}.key`, x)];
    values = kind === "gatv2" ? key : linear(`${path}.value`, x);
    const [queries, keys] = [atTargets(query), sum(atSources(key), onKeys)];
    if (kind === "gatv2") {
      const mixed = inHeads(leaky(builder.node("Add", [queries, keys])), heads, headWidth);
      scores = overHead(builder.node("Mul", [mixed, builder.weight(find(`${path}.vector`)!)]));
    } else {
      const products = builder.node("Mul", [inHeads(queries, heads, headWidth), inHeads(keys, heads, headWidth)]);
      const scale = builder.constant(Float32Array.of(1 / Math.sqrt(headWidth)), [1]);
      scores = builder.node("Mul", [overHead(products), scale]);
    }
  }
  const weights = weigh(sum(scores, ofEdges("bias")), heads);
  const attend = (rows: string): string =>
    mix(weights, inHeads(sum(atSources(rows), onValues), heads, headWidth), heads * headWidth);
  let output = attend(values);
  if (diffusion) {
    const { steps, teleport } = diffusion;
    const scaled = (rows: string, factor: number): string =>
      builder.node("Mul", [rows, builder.constant(Float32Array.of(factor), [1])]);
    const returning = scaled(values, teleport);
    for (let step = 0; step < steps; step++) {
      if (step > 0) output = attend(output);
      output = builder.node("Add", [scaled(output, 1 - teleport), returning]);
    }
  }
  if (combine !== "mean") return output;
  const perHead = builder.node("Reshape", [output, builder.list(0, heads, headWidth)]);
  return builder.node("ReduceMean", [perHead, builder.list(1)], { keepdims: 0 });
}

function headNodes({ builder, find, linear }: Exporter, head: GraphHead, rows: string): string {
  if (head.kind === "position-labels") return head.map === false ? rows : linear("head", rows);
  const members = builder.node("Gather", [rows, "members"]);
  const summed = (): string =>
    builder.node("ReduceSum", [builder.node("Mul", [members, "presence"]), builder.list(1)], { keepdims: 0 });
  const results = head.readout.map((pooling, n): string => {
    const path = `head.readout.${n}`;
    switch (pooling.kind) {
      case "sum":
        return linear(`${path}.output`, summed());
      case "mean":
        return linear(`${path}.output`, builder.node("Mul", [summed(), "graphShares"]));
      case "max": {
        const absent = builder.node("Mul", [
          builder.node("Sub", [builder.constant(Float32Array.of(1), [1]), "presence"]),
          builder.constant(Float32Array.of(forbidden), [1]),
        ]);
        const masked = builder.node("Add", [members, absent]);
        return linear(`${path}.output`, builder.node("ReduceMax", [masked, builder.list(1)], { keepdims: 0 }));
      }
      case "attention": {
        const queries = find(`${path}.pooling.queries`)!;
        const [count = 1, width = 1] = queries.shape;
        const isMapped = find(`${path}.pooling.key.weight`) !== null;
        const [key, value] = ["key", "value"].map((name) =>
          isMapped ? linear(`${path}.pooling.${name}`, members) : members,
        );
        const graphs = builder.node("Slice", [builder.node("Shape", ["members"]), builder.list(0), builder.list(1)]);
        const shape = builder.node("Concat", [graphs, builder.list(count, width)], { axis: 0 });
        const query = builder.node("Expand", [builder.weight(queries), shape]);
        const absence = builder.node(
          "Concat",
          Array.from({ length: count }, () => "absence"),
          { axis: 2 },
        );
        const pooled = attendNode(builder, "MultiHeadAttention", pooling.heads, [query, key!, value!], absence);
        return linear(`${path}.output`, builder.node("Reshape", [pooled, builder.list(0, count * width)]));
      }
      case "first":
        throw new RangeError('Cannot export a network: a readout must not be "first"');
    }
  });
  const sum = results.reduce((a, b) => builder.node("Add", [a, b]));
  return head.hidden ? linear("head.output", activationNode(builder, head.hidden.activation, sum)) : sum;
}
