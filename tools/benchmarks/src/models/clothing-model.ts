// The model of `image/clothing`, a compact convolutional transformer.
import { modelNetwork } from "@saccade/attention-core";
import { type ImageModelConfig, stemWindows } from "@saccade/image-patches";
import type { ModelFiles } from "@saccade/model-files";
import { pluginModel } from "./plugin-model.ts";

/** Its files. */
export async function clothingModel(): Promise<ModelFiles> {
  return pluginModel("image-patches", "clothing", drawnConfig, () => modelNetwork(drawnConfig.model).describeWeights());
}

const widths = [16, 48, 48, 80];
const stem = [1, 2, 1, 2].map((stride) => ({
  size: [3, 3] as const,
  stride: [stride, stride] as const,
  padding: [1, 1, 1, 1] as const,
}));
const { grid } = stemWindows([28, 28], stem);

const drawnConfig: ImageModelConfig = {
  model: {
    input: {
      kind: "convolutions",
      width: 1,
      stages: widths.map((width) => ({ taps: 9, width, activation: "relu", norm: true })),
    },
    encoder: {
      layers: 2,
      width: 80,
      heads: 5,
      feedForwardWidth: 160,
      activation: "relu",
      norm: "layer",
      placement: "pre",
      epsilon: 1e-5,
      positions: { kind: "learned", count: grid[0] * grid[1] },
    },
    head: { kind: "set-label", labels: 10, pooling: { kind: "attention", heads: 1, projections: false } },
  },
  labels: Array.from({ length: 10 }, (_, label) => `label ${label}`),
  image: { rows: 28, columns: 28, channels: 1, mean: [0.286], scale: [0.353], background: [0, 0, 0] },
  stem,
  grid,
  pattern: { kind: "full" },
};
