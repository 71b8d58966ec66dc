// Networks over graphs, gone back through: the tape's gradients against differences of the float64 reference.

import {
  dispose,
  initialWeights,
  randomStream,
  type Tensor,
  uploadWeights,
  type Weights,
} from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { type Graph, graphFeatures, graphNetwork, type GraphNetworkConfig } from "@saccade/graph-nodes";
import { type DifferentiableBackend, differentiable, uploadParameters, zerosLike } from "@saccade/training";
import { expect, test } from "vitest";

const random = randomStream(5, "graphs");
const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);

/** Five nodes, of which one has no neighbours, and a graph of two. */
const graphs: readonly Graph[] = [
  {
    nodes: 5,
    direction: "undirected",
    edges: { kind: "list", from: Int32Array.of(0, 1, 2, 2), to: Int32Array.of(1, 2, 3, 0) },
    nodeFeatures: {
      kind: "sparse",
      width: 6,
      offsets: Int32Array.of(0, 2, 3, 3, 5, 6),
      columns: Int32Array.of(0, 4, 2, 1, 5, 3),
    },
    edgeFeatures: { width: 3, values: draw(12) },
  },
  {
    nodes: 2,
    direction: "directed",
    edges: { kind: "list", from: Int32Array.of(0), to: Int32Array.of(1) },
    nodeFeatures: { kind: "sparse", width: 6, offsets: Int32Array.of(0, 1, 2), columns: Int32Array.of(4, 5) },
    edgeFeatures: { width: 3, values: draw(3) },
  },
];

const size = { heads: 2, headWidth: 3 } as const;
const input = { kind: "sparse", columns: 6, width: 6, scaling: "mean" } as const;

const configs: readonly (readonly [string, GraphNetworkConfig])[] = [
  [
    "GAT as Veličković et al. have it",
    {
      input,
      selfLoops: true,
      layers: [
        { kind: "gat", ...size, map: false, activation: "elu" },
        { kind: "gat", heads: 2, headWidth: 4, combine: "mean" },
      ],
      head: { kind: "position-labels", labels: 4, map: false },
    },
  ],
  [
    "GATv2 with edges in keys and values, for graphs",
    {
      input: { ...input, bias: true, activation: "silu" },
      edges: { width: 3, use: "keys-values" },
      selfLoops: true,
      layers: [
        { kind: "gatv2", ...size, residual: true, norm: "layer", feedForward: { width: 5, activation: "gelu" } },
        { kind: "gat", ...size, residual: true, activation: "elu" },
      ],
      head: {
        kind: "set-label",
        labels: 1,
        readout: [{ kind: "mean" }, { kind: "sum" }, { kind: "attention", heads: 2 }],
        hidden: { width: 4, activation: "tanh" },
      },
    },
  ],
  [
    "a transformer with biases of edges, and diffusion",
    {
      input,
      edges: { width: 3, use: "bias" },
      selfLoops: false,
      layers: [
        { kind: "transformer", heads: 2, headWidth: 2, residual: true, norm: "rms", activation: "elu" },
        { kind: "gatv2", ...size, diffusion: { steps: 3, teleport: 0.2 } },
      ],
      head: { kind: "position-labels", labels: 2 },
    },
  ],
];

/** Weights of which none is zero. */
function drawn(config: GraphNetworkConfig): Weights {
  const weights = initialWeights(graphNetwork(config).describeWeights(), 3);
  for (const { values } of weights.values()) for (let i = 0; i < values.length; i += 1) values[i]! += 0.1 * draw(1)[0]!;
  return weights;
}

async function gradientsOn(
  backend: DifferentiableBackend,
  config: GraphNetworkConfig,
  weights: Weights,
  gradientOf: (scores: Tensor) => Float32Array,
): Promise<ReturnType<typeof zerosLike>> {
  const network = graphNetwork(config);
  const parameters = uploadParameters(backend, network.describeWeights(), weights);
  const tape = backend.tape();
  const { scores } = await network.bind(parameters.find)(backend, tape, graphFeatures(config, graphs));
  const found = zerosLike(weights);
  await parameters.readGradients(tape, await tape.backward([{ tensor: scores, gradient: gradientOf(scores) }]), found);
  tape[dispose]();
  parameters[dispose]();
  return found;
}

test.each(configs)("the gradient of %s is that of differences, and the same on WASM", async (_, config) => {
  const weights = drawn(config);
  const network = graphNetwork(config);
  const gradient = draw(64);
  const ofScores = ({ shape: [rows = 0, columns = 0] }: Tensor): Float32Array => gradient.subarray(0, rows * columns);
  const weighted = async (): Promise<number> => {
    const backend = createReferenceTrainingBackend({ precision: "f64" });
    const workspace = backend.workspace();
    const run = network.bind(uploadWeights(backend, weights).find);
    const { scores } = await run(backend, workspace, graphFeatures(config, graphs));
    return backend.peek(scores).reduce((sum, score, i) => sum + score * gradient[i]!, 0);
  };
  const reference = createReferenceTrainingBackend({ precision: "f64" });
  const found = await gradientsOn(differentiable(reference), config, weights, ofScores);
  expect(reference.liveTensors).toBe(0);
  for (const { name } of network.describeWeights()) {
    const { values } = weights.get(name)!;
    for (let at = 0; at < values.length; at += Math.ceil(values.length / 5)) {
      const before = values[at]!;
      const [above, right] = [(values[at] = before + 2 ** -12), await weighted()];
      const [below, left] = [(values[at] = before - 2 ** -12), await weighted()];
      values[at] = before;
      const expected = (right - left) / (Math.fround(above) - Math.fround(below));
      expect(Math.abs(found.get(name)![at]! - expected), `${name}[${at}]`).toBeLessThan(
        1e-5 * Math.max(1, Math.abs(expected)),
      );
    }
  }
  await using wasm = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  const onWasm = await gradientsOn(wasm, config, weights, ofScores);
  for (const [name, values] of onWasm) {
    values.forEach((value, i) => expect(Math.abs(value - found.get(name)![i]!), `${name}[${i}]`).toBeLessThan(1e-4));
  }
});
