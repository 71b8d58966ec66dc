// The model of `speech/frames`, on telephone speech.
import { modelNetwork } from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import type { SpeechModelConfig } from "@saccade/speech-frames";
import { pluginModel } from "./plugin-model.ts";

/** Its files. */
export async function framesModel(): Promise<ModelFiles> {
  return pluginModel("speech-frames", "frames", drawnConfig, () => modelNetwork(drawnConfig.model).describeWeights());
}

const width = 96;
const labels = ["silence", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const drawnConfig: SpeechModelConfig = {
  model: {
    input: {
      kind: "convolutions",
      width: 40,
      stages: [64, width].map((columns) => ({ taps: 5, width: columns, activation: "gelu", norm: true })),
    },
    encoder: {
      layers: 2,
      width,
      heads: 4,
      feedForwardWidth: 2 * width,
      activation: "gelu",
      norm: "layer",
      placement: "pre",
      epsilon: 1e-5,
      positions: { kind: "none" },
      positionBias: { kind: "relative", reach: 16 },
      convolution: { left: 1, right: 1, activation: "gelu" },
    },
    head: { kind: "position-labels", labels: labels.length },
  },
  labels,
  frames: { sampleRate: 8000, windowMilliseconds: 25, hopMilliseconds: 10, bands: 40, lowestHz: 60, highestHz: 3800 },
  normalization: "none",
  stem: [2, 1].map((stride) => ({ size: 5, stride, left: 2, right: 2 })),
  pattern: { kind: "window", left: 16, right: 16 },
};
