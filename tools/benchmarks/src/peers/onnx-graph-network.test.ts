import { initialWeights, uploadWeights, type Weights } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { type Graph, graphFeatures, graphNetwork, type GraphNetworkConfig } from "@saccade/graph-nodes";
import { describe, expect, it } from "vitest";
import { randomNormals } from "../random.ts";
import { type OnnxGraphForm, onnxGraphForms } from "./onnx-graph-inputs.ts";
import { onnxGraphNetwork } from "./onnx-graph-network.ts";
import { startOnnxruntime } from "./onnxruntime.ts";

const runtime = await startOnnxruntime(1);

/** Two undirected graphs: a triangle with a tail, and a pair. */
const ends: readonly (readonly [nodes: number, from: readonly number[], to: readonly number[]])[] = [
  [4, [0, 1, 2, 2], [1, 2, 0, 3]],
  [2, [0], [1]],
];

function graphs(kind: "dense" | "sparse", edgeWidth: number): Graph[] {
  return ends.map(([nodes, from, to], n) => ({
    nodes,
    direction: "undirected",
    edges: { kind: "list", from: Int32Array.from(from), to: Int32Array.from(to) },
    nodeFeatures:
      kind === "dense"
        ? { kind, width: 5, values: randomNormals(nodes * 5, n) }
        : {
            kind,
            width: 5,
            offsets: Int32Array.from({ length: nodes + 1 }, (_, node) => Math.min(2 * node, 2 * nodes - 1)),
            columns: Int32Array.from({ length: 2 * nodes - 1 }, (_, i) => (3 * i) % 5),
          },
    ...(edgeWidth > 0 && {
      edgeFeatures: { width: edgeWidth, values: randomNormals(from.length * edgeWidth, 10 + n) },
    }),
  }));
}

/** Molecules: features of edges, residuals, norms, several readouts. */
const molecules: GraphNetworkConfig = {
  input: { kind: "dense", columns: 5, width: 6, bias: true, activation: "gelu" },
  edges: { width: 3, use: "keys-values" },
  selfLoops: false,
  layers: [
    { kind: "transformer", heads: 2, headWidth: 4, residual: true, norm: "layer" },
    {
      kind: "gatv2",
      heads: 2,
      headWidth: 4,
      residual: true,
      norm: "rms",
      activation: "relu",
      feedForward: { width: 9, activation: "gelu" },
    },
  ],
  head: {
    kind: "set-label",
    labels: 2,
    readout: [{ kind: "sum" }, { kind: "mean" }, { kind: "max" }, { kind: "attention", heads: 2, queries: 2 }],
    hidden: { width: 7, activation: "gelu" },
  },
};

/** Citations: sparse features, GAT with its own loops, diffusion, the mean of heads. */
const citations: GraphNetworkConfig = {
  input: { kind: "sparse", columns: 5, width: 8, scaling: "mean", bias: true },
  selfLoops: true,
  layers: [
    { kind: "gat", heads: 2, headWidth: 4, map: false, activation: "relu", diffusion: { steps: 3, teleport: 0.2 } },
    { kind: "gat", heads: 3, headWidth: 4, combine: "mean" },
  ],
  head: { kind: "position-labels", labels: 4, map: false },
};

describe("onnxGraphNetwork()", () => {
  const networks: readonly (readonly [string, GraphNetworkConfig])[] = [
    ["molecules", molecules],
    ["molecules with a bias by edge", { ...molecules, edges: { width: 3, use: "bias" } }],
    [
      "molecules by GAT",
      { ...molecules, layers: [{ kind: "gat", heads: 2, headWidth: 4 }], edges: { width: 3, use: "keys-values" } },
    ],
    ["citations", citations],
  ];
  it.each(networks.flatMap(([name, config]) => onnxGraphForms.map((form) => [name, form, config] as const)))(
    "gives the scores of the reference backend for %s with %s",
    async (_, form: OnnxGraphForm, config) => {
      const kind = config.input.kind === "dense" ? "dense" : "sparse";
      const features = graphFeatures(config, graphs(kind, config.edges?.width ?? 0));
      const weights = drawWeights(config);
      const backend = createReferenceBackend();
      const workspace = backend.workspace();
      const run = graphNetwork(config).bind(uploadWeights(backend, weights).find);
      const { scores } = await run(backend, workspace, features);
      const expected = await workspace.read(scores);
      const peer = await onnxGraphNetwork(runtime, config, weights, features, form);
      const found = await peer.run();
      await peer.dispose();
      expect(found).toHaveLength(expected.length);
      const largest = Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i]!)));
      expect(largest).toBeLessThan(1e-4);
    },
  );

  it("says that padded rows need neighbours", async () => {
    const lonely: Graph = {
      ...graphs("dense", 3)[1]!,
      edges: { kind: "list", from: new Int32Array(0), to: new Int32Array(0) },
    };
    const features = graphFeatures(molecules, [{ ...lonely, edgeFeatures: { width: 3, values: new Float32Array(0) } }]);
    await expect(
      onnxGraphNetwork(runtime, molecules, drawWeights(molecules), features, "padded neighbours"),
    ).rejects.toThrow("each node must have neighbours, 0 has none");
  });
});

/** Weights of which none are zero. */
function drawWeights(config: GraphNetworkConfig): Weights {
  const specs = graphNetwork(config).describeWeights();
  const weights = new Map(initialWeights(specs, 1));
  for (const [i, { name, role, shape }] of specs.entries()) {
    if (role === "bias") weights.set(name, { shape, values: randomNormals(weights.get(name)!.values.length, i) });
  }
  return weights;
}
