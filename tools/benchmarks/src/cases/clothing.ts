// Small pictures in a batch. The peer's stem is Conv, which is what a training framework exports.
import { modelNetwork } from "@saccade/attention-core";
import { imageFeaturizer, type ImageModelConfig } from "@saccade/image-patches";
import { clothingModel } from "@saccade/image-patches/models/clothing";
import { openModel } from "@saccade/model-files";
import type { HostArray, PeerFactory, Prepared } from "../contestant.ts";
import { modelOperations } from "../count-operations.ts";
import { expectedScores, ourNetwork } from "../our-network.ts";
import { onnxAttentionForms } from "../peers/onnx-forms.ts";
import { randomNormals } from "../random.ts";
import type { BenchmarkCase } from "../shapes.ts";

/** The network over pixels that are normalised already. */
export async function prepareClothing({ images, threads }: BenchmarkCase & { kind: "clothing" }): Promise<Prepared> {
  const files = await openModel(clothingModel);
  const weights = await files.weights();
  const config = files.config as ImageModelConfig;
  const { model, stem, image } = config;
  const featurizer = imageFeaturizer(config);
  const drawn = Array.from({ length: images }, (_, n) => randomNormals(featurizer.values, n));
  const features = featurizer.featuresOf(drawn);
  const network = modelNetwork(model);
  const batch = {
    sets: images,
    positions: featurizer.positions,
    extent: [image.rows, image.columns],
    stem: stem.map(({ size, stride = [1, 1], padding = [0, 0, 0, 0] }) => ({
      kernel: size,
      strides: stride,
      pads: padding,
    })),
    pattern: { kind: "full" } as const,
  };
  return {
    work: {
      operations: modelOperations(model, features),
      positions: features.offsets.at(-1)!,
      items: { unit: "images", count: images },
    },
    tolerance: 2e-5,
    expected: async () => expectedScores(network, weights, features),
    ours: async () => ourNetwork(threads, network, weights, features),
    peers: onnxAttentionForms.map((form): PeerFactory => ({
      name: `onnxruntime-web graph with ${form}`,
      create: async ({ onnxNetwork }) => onnxNetwork(model, weights, { ...batch, form }, features.values as HostArray),
    })),
  };
}
