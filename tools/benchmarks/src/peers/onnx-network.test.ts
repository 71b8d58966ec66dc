import {
  convolutionWindows,
  type Features,
  type GridSettings,
  gridWindows,
  initialWeights,
  type ModelConfig,
  modelNetwork,
  uploadWeights,
  type Weights,
} from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { describe, expect, it } from "vitest";
import { randomNormals } from "../random.ts";
import { type OnnxBatch, onnxNetwork } from "./onnx-network.ts";
import { startOnnxruntime } from "./onnxruntime.ts";

const runtime = await startOnnxruntime(1);

const encoder: ModelConfig["encoder"] = {
  layers: 2,
  width: 8,
  heads: 2,
  feedForwardWidth: 12,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "none" },
};

/** Frames of 6 numbers through two convolutions of stride 2, as for speech. */
const frames: ModelConfig = {
  input: {
    kind: "convolutions",
    width: 6,
    stages: [
      { taps: 5, width: 7, activation: "gelu", norm: true },
      { taps: 5, width: 8, activation: "silu" },
    ],
    norm: true,
  },
  encoder: {
    ...encoder,
    positionBias: { kind: "relative", reach: 3 },
    convolution: { left: 1, right: 1, activation: "gelu" },
  },
  head: { kind: "position-labels", labels: 4 },
};

/** Pixels of 2 numbers through two convolutions, as for images. */
const pixels: ModelConfig = {
  input: {
    kind: "convolutions",
    width: 2,
    stages: [
      { taps: 9, width: 5, activation: "relu" },
      { taps: 9, width: 8, activation: "relu", norm: true },
    ],
  },
  encoder: { ...encoder, activation: "relu", positions: { kind: "learned", count: 12 } },
  head: { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 1, projections: false } },
};

describe("onnxNetwork()", () => {
  const oneSet = convolutionWindows(Int32Array.of(0, 41), { size: 5, stride: 2, left: 2, right: 2 });
  const next = convolutionWindows(oneSet.offsets, { size: 5, stride: 2, left: 2, right: 2 });
  const window = { kind: "window", left: 2, right: 3 } as const;
  const ofFrames = {
    sets: 1,
    positions: 11,
    extent: [41],
    stem: [0, 1].map(() => ({ kernel: [5], strides: [2], pads: [2, 2] })),
  };
  it.each<[string, Pick<OnnxBatch, "pattern" | "form" | "block">]>([
    ["full attention", { pattern: { kind: "full" }, form: "MultiHeadAttention" }],
    ["a window by a mask", { pattern: window, form: "MultiHeadAttention" }],
    ["a window by a mask of Attention-23", { pattern: window, form: "Attention-23" }],
    ["a window in blocks", { pattern: window, form: "MultiHeadAttention", block: 4 }],
    ["a window in blocks of Attention-23", { pattern: window, form: "Attention-23", block: 4 }],
  ])("gives the scores of the reference backend for frames, %s", async (_, attention) => {
    const difference = await differenceOf(
      frames,
      { ...ofFrames, ...attention },
      {
        offsets: next.offsets,
        convolutions: [oneSet.windows, next.windows],
        pattern: attention.pattern,
      },
    );
    expect(difference).toBeLessThan(1e-4);
  });

  it.each<[string, ModelConfig]>([
    ["with pooling by attention", pixels],
    [
      "with waves, a bias by place, norms after blocks and a label for each patch",
      {
        ...pixels,
        encoder: {
          ...encoder,
          placement: "post",
          positions: { kind: "sinusoidalGrid", columns: 4 },
          positionBias: { kind: "relative2d", columns: 4, reach: [2, 3] },
        },
        head: { kind: "position-labels", labels: 3 },
      },
    ],
    [
      "with maps for pooling",
      { ...pixels, head: { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 2, queries: 2 } } },
    ],
    ["with means", { ...pixels, head: { kind: "set-label", labels: 3, pooling: { kind: "mean" } } }],
  ])("gives the scores of the reference backend for images, %s", async (_, config) => {
    const stage = (stride: number): GridSettings => ({
      size: [3, 3],
      stride: [stride, stride],
      padding: [1, 1, 1, 1],
    });
    const first = gridWindows(
      [1, 2].map(() => [5, 8] as const),
      stage(1),
    );
    const second = gridWindows(first.grids, stage(2));
    const batch = {
      sets: 2,
      positions: 12,
      extent: [5, 8],
      stem: [1, 2].map((stride) => ({ kernel: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] })),
      pattern: { kind: "full" },
      form: "MultiHeadAttention",
    } as const;
    const difference = await differenceOf(config, batch, {
      offsets: second.offsets,
      convolutions: [first.windows, second.windows],
      pattern: { kind: "full" },
    });
    expect(difference).toBeLessThan(1e-4);
  });

  it("says what it cannot export", async () => {
    const rotary = { ...frames, encoder: { ...encoder, rotary: {} } };
    const batch = { ...ofFrames, pattern: window, form: "MultiHeadAttention" } as const;
    await expect(onnxNetwork(runtime, rotary, drawWeights(rotary), batch, new Float32Array(0))).rejects.toThrow(
      "Cannot export an encoder: rotary must be left out, it is set",
    );
  });
});

/** Weights of which none are zero. */
function drawWeights(config: ModelConfig): Weights {
  const specs = modelNetwork(config).describeWeights();
  const weights = new Map(initialWeights(specs, 1));
  for (const [i, { name, role, shape }] of specs.entries()) {
    if (role === "matrix" || role === "embedding") continue;
    const drawn = randomNormals(weights.get(name)!.values.length, i);
    weights.set(name, { shape, values: role === "gain" ? drawn.map((value) => 1 + 0.1 * value) : drawn });
  }
  return weights;
}

/** The largest difference from the reference backend's scores. */
async function differenceOf(
  config: ModelConfig,
  batch: OnnxBatch,
  features: Omit<Features, "values">,
): Promise<number> {
  const weights = drawWeights(config);
  const size = batch.extent.reduce((product, length) => product * length, batch.sets * inputWidth(config));
  const values = randomNormals(size, 7);
  const backend = createReferenceBackend();
  const workspace = backend.workspace();
  const network = modelNetwork(config);
  const run = network.bind(uploadWeights(backend, weights).find);
  const { scores } = await run(backend, workspace, { ...features, values });
  const expected = await workspace.read(scores);
  const peer = await onnxNetwork(runtime, config, weights, batch, values);
  const found = await peer.run();
  await peer.dispose();
  expect(found).toHaveLength(expected.length);
  return Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i]!)));
}

function inputWidth({ input }: ModelConfig): number {
  return input.kind === "embeddings" ? input.columns : input.width;
}
