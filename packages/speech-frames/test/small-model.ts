// A small model with drawn weights, and what stands for recordings.

import { describeModelWeights, initialWeights, type ModelConfig, randomStream } from "@saccade/attention-core";
import type { OpenBackend, PipelineOptions } from "@saccade/pipeline";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import type { SpeechModelConfig } from "../src/index.ts";

/** What a model is to have besides the usual. */
export interface SmallModelOptions extends Partial<Pick<SpeechModelConfig, "normalization" | "pattern" | "labels">> {
  readonly head?: "position-labels" | "set-label";
  readonly encoder?: Partial<ModelConfig["encoder"]>;
}

/** The frames that it hears: 12 numbers each, at 8 kHz. */
export const smallFrames: SpeechModelConfig["frames"] = {
  sampleRate: 8000,
  windowMilliseconds: 25,
  hopMilliseconds: 10,
  bands: 12,
  lowestHz: 60,
  highestHz: 3800,
};

/** Two layers with a window of three positions before and two after, a convolution in each, four frames to a position. */
export function smallModel({
  head = "position-labels",
  labels = ["", "1", "2", "3"],
  normalization = { mean: Array.from({ length: 12 }, () => -5), scale: Array.from({ length: 12 }, () => 0.2) },
  pattern = { kind: "window", left: 3, right: 2 },
  encoder = {},
}: SmallModelOptions = {}): SpeechModelConfig {
  return {
    model: {
      input: {
        kind: "convolutions",
        width: smallFrames.bands,
        stages: [
          { taps: 3, width: 10, activation: "gelu" },
          { taps: 5, width: 8, activation: "relu", norm: true },
        ],
      },
      encoder: {
        layers: 2,
        width: 8,
        heads: 2,
        feedForwardWidth: 12,
        activation: "gelu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: { kind: "none" },
        positionBias: { kind: "relative", reach: 3 },
        convolution: { left: 1, right: 1, activation: "gelu" },
        ...encoder,
      },
      head:
        head === "set-label"
          ? { kind: head, labels: labels.length, pooling: { kind: "mean" } }
          : { kind: head, labels: labels.length },
    },
    labels,
    frames: smallFrames,
    normalization,
    stem: [
      { size: 3, stride: 2, left: 1, right: 1 },
      { size: 5, stride: 2, left: 3, right: 1 },
    ],
    pattern,
  };
}

/** Its files, with weights that make something of everything: biases and tables of zeros would not. */
export function smallFiles(config: SpeechModelConfig): Awaited<PipelineOptions<object>["model"]> {
  return {
    name: "small",
    config,
    weights: async () => {
      const specs = describeModelWeights(config.model);
      const drawn = initialWeights(specs, 5);
      for (const { name, role } of specs) {
        const { values } = drawn.get(name)!;
        if (role !== "gain") values.forEach((value, i) => (values[i] = 2 * value + 0.3 * Math.sin(7 * i + 1)));
      }
      return drawn;
    },
    text: async () => "",
    bytes: async () => new Uint8Array(0),
  };
}

/** The reference backend. */
export const reference: OpenBackend = async () => createReferenceBackend();

/** Sound of `seconds`: tones that come and go over noise. */
export function sound(seconds: number, sampleRate = 8000, seed = 1): Float32Array {
  const random = randomStream(seed, "sound");
  let [hertz, loudness] = [400, 0.3];
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, i) => {
    if (i % Math.round(sampleRate / 8) === 0) [hertz, loudness] = [100 + 3000 * random.uniform(), random.uniform()];
    return 0.4 * loudness * Math.sin((2 * Math.PI * hertz * i) / sampleRate) + 0.02 * (random.uniform() - 0.5);
  });
}
