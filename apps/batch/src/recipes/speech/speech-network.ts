// The networks of the speech recipes, and the frames that they hear.

import type { ModelConfig, RandomStream } from "@saccade/attention-core";
import {
  type FrameConvolution,
  type LogMelConfig,
  type LogMelExtractor,
  logMelExtractor,
} from "@saccade/speech-frames";

/** Of telephone speech. */
export const telephoneFrames: LogMelConfig = {
  sampleRate: 8000,
  windowMilliseconds: 25,
  hopMilliseconds: 10,
  bands: 40,
  lowestHz: 60,
  highestHz: 3800,
};

/** Sizes of a network. */
export interface SpeechNetwork {
  readonly width: number;
  readonly layers: number;
  readonly feedForwardWidth: number;
  /** Of the two convolutions of the stem: rows of the one before for each row. */
  readonly strides: readonly [number, number];
  /** Rows before and after that each layer's own convolution sees; 0 leaves it out. */
  readonly near: number;
}

/** Rows that each convolution of a stem sees. */
const taps = 5;

/** The model, and how its stem moves. */
export function speechNetwork(
  { width, layers, feedForwardWidth, strides, near }: SpeechNetwork,
  bands: number,
  head: ModelConfig["head"],
): { readonly model: ModelConfig; readonly stem: readonly FrameConvolution[] } {
  const half = (taps - 1) / 2;
  return {
    model: {
      input: {
        kind: "convolutions",
        width: bands,
        stages: [64, width].map((columns) => ({ taps, width: columns, activation: "gelu", norm: true })),
      },
      encoder: {
        layers,
        width,
        heads: 4,
        feedForwardWidth,
        activation: "gelu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: { kind: "none" },
        positionBias: { kind: "relative", reach: 16 },
        ...(near > 0 && { convolution: { left: near, right: near, activation: "gelu" } }),
      },
      head,
    },
    stem: strides.map((stride) => ({ size: taps, stride, left: half, right: half })),
  };
}

/** How many factors between the ends of a range `warpedFrames` makes frames by. */
const warpings = 9;

/** Makes frames as speakers with other vocal tracts would give them: each time by a factor drawn from `warp`. */
export function warpedFrames(
  frames: LogMelConfig,
  [least, most]: readonly [number, number],
): (samples: Float32Array, random: RandomStream) => Float32Array {
  const extractors = Array.from({ length: warpings }, (_, i): LogMelExtractor =>
    logMelExtractor(frames, { warp: least + ((most - least) * i) / (warpings - 1) }),
  );
  return (samples, random) => extractors[Math.floor(warpings * random.uniform())]!(samples);
}
