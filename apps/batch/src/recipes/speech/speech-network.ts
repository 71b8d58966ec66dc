// The networks of the speech recipes, and the frames that they hear.

import type { ModelConfig, RandomStream } from "@saccade/attention-core";
import {
  bandRows,
  type FrameConvolution,
  type LogMelConfig,
  type LogMelExtractor,
  logMelExtractor,
  tapsOf,
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
  /** Of the two convolutions of the stem, along time: rows of the one before for each row. Or convolutions along bands too. */
  readonly strides: readonly [number, number] | readonly BandStage[];
  /** Rows before and after that each layer's own convolution sees; 0 leaves it out. */
  readonly near: number;
}

/** A convolution along time and bands, which sees `size` of either. Behind the last there is one over all bands that are left. */
export interface BandStage {
  /** Numbers in a row. */
  readonly columns: number;
  readonly size: number;
  readonly times: number;
  readonly bands: number;
}

/** Rows that each convolution of a stem along time sees. */
const taps = 5;

/** Times that the last convolution of a stem along bands sees. */
const lastTaps = 3;

/** The model, and how its stem moves. */
export function speechNetwork(
  { width, layers, feedForwardWidth, strides, near }: SpeechNetwork,
  bands: number,
  head: ModelConfig["head"],
): { readonly model: ModelConfig; readonly stem: readonly FrameConvolution[] } {
  const { columns, widths, stem } = isAlongBands(strides)
    ? bandStem(strides, bands, width)
    : timeStem(strides, bands, width);
  return {
    model: {
      input: {
        kind: "convolutions",
        width: columns,
        stages: stem.map((stage, i) => ({ taps: tapsOf(stage), width: widths[i]!, activation: "gelu", norm: true })),
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
    stem,
  };
}

interface Stem {
  /** Numbers in a row of what comes in. */
  readonly columns: number;
  readonly widths: readonly number[];
  readonly stem: readonly FrameConvolution[];
}

function isAlongBands(strides: SpeechNetwork["strides"]): strides is readonly BandStage[] {
  return typeof strides[0] === "object";
}

function timeStem(strides: readonly [number, number], bands: number, width: number): Stem {
  const half = (taps - 1) / 2;
  return {
    columns: bands,
    widths: [64, width],
    stem: strides.map((stride) => ({ size: taps, stride, left: half, right: half })),
  };
}

function bandStem(stages: readonly BandStage[], bands: number, width: number): Stem {
  const stem: FrameConvolution[] = [];
  let rows = bands;
  for (const { size, times, bands: stride } of stages) {
    const half = (size - 1) / 2;
    const around = { size, left: half, right: half };
    stem.push({ ...around, stride: times, bands: { ...around, rows, stride } });
    rows = bandRows(stem.at(-1)!);
  }
  const half = (lastTaps - 1) / 2;
  const all = { rows, size: rows, stride: 1, left: 0, right: 0 };
  stem.push({ size: lastTaps, stride: 1, left: half, right: half, bands: all });
  return { columns: 1, widths: [...stages.map(({ columns }) => columns), width], stem };
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
