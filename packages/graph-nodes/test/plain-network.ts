// The network again, in plain loops over float64 and one graph at a time, written from the papers' formulas: what the one
// of workspaces is held against.

import type { Weights } from "@saccade/attention-core";
import { type Graph, type GraphLayer, type GraphNetworkConfig, neighborRows } from "../src/index.ts";

type Matrix = number[][];

/** Scores [P, L] or [1, L] of one graph, and the weights of its edges [E][H] by layer. */
export function plainNetwork(
  config: GraphNetworkConfig,
  weights: Weights,
  graph: Graph,
): { scores: Matrix; edges: Matrix[] } {
  const matrix = (name: string): Matrix => {
    const { values, shape } = weights.get(name)!;
    const [rows = 0, columns = 1] = shape;
    return Array.from({ length: rows }, (_, r) => Array.from(values.subarray(r * columns, (r + 1) * columns)));
  };
  const vector = (name: string): number[] => Array.from(weights.get(name)?.values ?? []);
  const linear = (x: Matrix, path: string): Matrix =>
    addRow(product(x, matrix(`${path}.weight`)), vector(`${path}.bias`));
  const { offsets, indices, entries } = neighborRows(graph, { selfLoops: config.selfLoops });
  const nodes = Array.from({ length: graph.nodes }, (_, node) => node);
  const edgesOf = (node: number): number[] =>
    Array.from({ length: offsets[node + 1]! - offsets[node]! }, (_, i) => offsets[node]! + i);
  const edgeFeatures = Array.from(entries, (entry) =>
    Array.from({ length: graph.edgeFeatures?.width ?? 0 }, (_, g) =>
      entry < 0 ? 0 : graph.edgeFeatures!.values[entry * graph.edgeFeatures!.width + g]!,
    ),
  );

  const attention = (path: string, layer: GraphLayer, x: Matrix): { output: Matrix; edges: Matrix } => {
    const { heads: H, headWidth: D, kind } = layer;
    const has = (name: string): boolean => weights.has(`${path}.${name}`);
    const onKey = has("edges.key.weight") ? linear(edgeFeatures, `${path}.edges.key`) : null;
    const onBias = has("edges.bias.weight") ? linear(edgeFeatures, `${path}.edges.bias`) : null;
    const onValue =
      config.edges?.use !== "keys-values"
        ? null
        : has("edges.value.weight")
          ? linear(edgeFeatures, `${path}.edges.value`)
          : onKey;
    const part = (row: number[], h: number): number[] => row.slice(h * D, (h + 1) * D);
    const mapped = kind === "gat" ? (has("map.weight") ? linear(x, `${path}.map`) : x) : linear(x, `${path}.key`);
    const query = kind === "gat" ? mapped : linear(x, `${path}.query`);
    const value = kind === "transformer" ? linear(x, `${path}.value`) : mapped;
    const scoreOf = (i: number, edge: number, h: number): number => {
      const j = indices[edge]!;
      const bias = onBias?.[edge]![h] ?? 0;
      if (kind === "gat") {
        const sum =
          dot(part(mapped[i]!, h), matrix(`${path}.target`)[h]!) +
          dot(part(mapped[j]!, h), matrix(`${path}.source`)[h]!);
        return leaky(sum + (onKey?.[edge]![h] ?? 0)) + bias;
      }
      const key = part(mapped[j]!, h).map((each, d) => each + (onKey?.[edge]![h * D + d] ?? 0));
      const asked = part(query[i]!, h);
      if (kind === "transformer") return dot(asked, key) / Math.sqrt(D) + bias;
      return (
        dot(
          matrix(`${path}.vector`)[h]!,
          key.map((each, d) => leaky(each + asked[d]!)),
        ) + bias
      );
    };
    const alpha: Matrix = Array.from(indices, () => Array.from({ length: H }, () => 0));
    for (const i of nodes) {
      for (let h = 0; h < H; h += 1) {
        const edges = edgesOf(i);
        const grown = edges.map((edge) => Math.exp(scoreOf(i, edge, h)));
        const total = grown.reduce((sum, each) => sum + each, 0);
        edges.forEach((edge, n) => (alpha[edge]![h] = grown[n]! / total));
      }
    }
    const mix = (z: Matrix): Matrix =>
      nodes.map((i) =>
        Array.from({ length: H * D }, (_, c) =>
          edgesOf(i).reduce(
            (sum, edge) =>
              sum + alpha[edge]![Math.floor(c / D)]! * (z[indices[edge]!]![c]! + (onValue?.[edge]![c] ?? 0)),
            0,
          ),
        ),
      );
    let z = mix(value);
    const { steps, teleport } = layer.diffusion ?? { steps: 0, teleport: 0 };
    for (let step = 0; step < steps; step += 1) {
      if (step > 0) z = mix(z);
      z = z.map((row, i) => row.map((each, c) => (1 - teleport) * each + teleport * value[i]![c]!));
    }
    if (layer.combine === "mean") {
      z = z.map((row) =>
        Array.from({ length: D }, (_, d) => sumOf(Array.from({ length: H }, (__, h) => row[h * D + d]!)) / H),
      );
    }
    return { output: addRow(z, vector(`${path}.bias`)), edges: alpha };
  };

  let x = inputRows(config, graph, matrix, vector);
  const edges: Matrix[] = [];
  config.layers.forEach((layer, n) => {
    const path = `layers.${n}`;
    const normed = layer.norm ? norm(x, layer.norm, vector(`${path}.norm.gain`), vector(`${path}.norm.bias`)) : x;
    const made = attention(path, layer, normed);
    edges.push(made.edges);
    let y = made.output;
    if (layer.residual) y = addRows(y, weights.has(`${path}.skip.weight`) ? linear(x, `${path}.skip`) : x);
    if (layer.activation) y = y.map((row) => row.map((each) => act(each, layer.activation!)));
    if (layer.feedForward) {
      const { activation } = layer.feedForward;
      const input = layer.norm
        ? norm(y, layer.norm, vector(`${path}.feedForward.norm.gain`), vector(`${path}.feedForward.norm.bias`))
        : y;
      const wide = linear(input, `${path}.feedForward.up`).map((row) => row.map((each) => act(each, activation)));
      y = addRows(y, linear(wide, `${path}.feedForward.down`));
    }
    x = y;
  });
  return { scores: headScores(config, x, linear, weights), edges };
}

function inputRows(
  { input }: GraphNetworkConfig,
  { nodes, nodeFeatures: features }: Graph,
  matrix: (name: string) => Matrix,
  vector: (name: string) => number[],
): Matrix {
  const table = matrix(input.kind === "dense" ? "input.linear.weight" : "input.table");
  const rows = Array.from({ length: nodes }, (_, node) => {
    const numbers = Array.from({ length: input.columns }, () => 0);
    if (features.kind === "dense") {
      numbers.forEach((__, c) => (numbers[c] = features.values[node * features.width + c]!));
    } else {
      const [from, to] = [features.offsets[node]!, features.offsets[node + 1]!];
      const share = input.scaling === "mean" ? 1 / (to - from) : 1;
      for (let e = from; e < to; e += 1) numbers[features.columns[e]!]! += share * (features.values?.[e] ?? 1);
    }
    return numbers;
  });
  const shifted = addRow(product(rows, table), vector(input.kind === "dense" ? "input.linear.bias" : "input.bias"));
  return input.activation ? shifted.map((row) => row.map((each) => act(each, input.activation!))) : shifted;
}

function headScores(
  { head }: GraphNetworkConfig,
  x: Matrix,
  linear: (x: Matrix, path: string) => Matrix,
  weights: Weights,
): Matrix {
  if (head.kind === "position-labels") return weights.has("head.weight") ? linear(x, "head") : x;
  const width = x[0]!.length;
  const column = (c: number): number[] => x.map((row) => row[c]!);
  const pooled = head.readout.map((pooling): number[] => {
    const columns = Array.from({ length: width }, (_, c) => column(c));
    switch (pooling.kind) {
      case "mean":
        return columns.map((each) => sumOf(each) / each.length);
      case "sum":
        return columns.map(sumOf);
      case "max":
        return columns.map((each) => Math.max(...each));
      case "first":
        return x[0]!;
      case "attention":
        throw new TypeError("Not in the plain network: attention pooling, which is the core's");
      default:
        return pooling satisfies never;
    }
  });
  const sum = pooled.map((row, n) => linear([row], `head.readout.${n}.output`)).reduce((a, b) => addRows(a, b));
  if (!head.hidden) return sum;
  return linear(
    sum.map((row) => row.map((each) => act(each, head.hidden!.activation))),
    "head.output",
  );
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b[0]!.map((_, c) => row.reduce((sum, each, r) => sum + each * b[r]![c]!, 0)));
}

function addRow(x: Matrix, row: number[]): Matrix {
  return row.length === 0 ? x : x.map((each) => each.map((value, c) => value + row[c]!));
}

function addRows(a: Matrix, b: Matrix): Matrix {
  return a.map((row, r) => row.map((value, c) => value + b[r]![c]!));
}

function norm(x: Matrix, kind: "layer" | "rms", gain: number[], bias: number[]): Matrix {
  return x.map((row) => {
    const mean = kind === "layer" ? sumOf(row) / row.length : 0;
    const square = sumOf(row.map((each) => (each - mean) ** 2)) / row.length;
    return row.map((each, c) => ((each - mean) / Math.sqrt(square + 1e-5)) * gain[c]! + (bias[c] ?? 0));
  });
}

function act(x: number, activation: string): number {
  if (activation === "relu") return Math.max(x, 0);
  if (activation === "tanh") return Math.tanh(x);
  if (activation === "silu") return x / (1 + Math.exp(-x));
  if (activation === "elu") return x > 0 ? x : Math.expm1(x);
  throw new TypeError(`Not in the plain network: ${activation}`);
}

function leaky(x: number): number {
  return x < 0 ? 0.2 * x : x;
}

function dot(a: number[], b: number[]): number {
  return sumOf(a.map((each, i) => each * b[i]!));
}

function sumOf(values: number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}
