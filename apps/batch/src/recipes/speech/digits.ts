// One spoken digit: a label per clip. There are 400 recordings of each of six speakers, so that none is heard twice the same:
// every time faster or slower, by another vocal tract, through another channel, in other noise.

import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { type ClipPlan, clipsOf, trainClips } from "./clip-recipe.ts";
import { devFile, fsddCard, readFsdd, trainFile } from "./fsdd.ts";
import { telephoneFrames } from "./speech-network.ts";

/**
 * What is trained for voices that were heard. Settings were chosen on the development part, by single seeds of 12 epochs: 97.3
 * % with a position every 40 ms and 98.3 with one every 20, each clip normalised by its own mean; 100.0 normalised by what
 * all clips have in common. The mean of so short a clip is much of what is said in it.
 */
export const digitPlan: ClipPlan = {
  frames: telephoneFrames,
  network: { width: 96, layers: 2, feedForwardWidth: 192, strides: [2, 1], near: 1 },
  normalization: "fixed",
  changes: {
    variants: 8,
    waveform: { speed: [0.92, 1.09], paddingMs: [0, 40], noiseBelowDb: [20, 60], gainDb: [-10, 10] },
    warp: [0.95, 1.06],
    frames: {
      stretch: [0.88, 1.14],
      times: { count: 1, frames: 6, share: 0.15 },
      bands: { count: 1, bands: 6 },
      channel: 0.4,
    },
  },
  settings: {
    epochs: 14,
    clips: 32,
    rate: 2e-3,
    decay: 0.02,
    averaging: 0.998,
    smoothing: 0.1,
    dropout: { branches: 0.1, hidden: 0.1, attention: 0.1 },
  },
};

/** Names of the labels, each at its own number. */
export const digitLabels: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

/** The recipe of `speech/digits`. */
export const digits: Recipe = {
  name: "speech/digits",
  summary: "which digit is said in a recording of one",
  data: [trainFile, devFile],
  card: fsddCard("Spoken digits, English", [
    "Which of the ten digits is said in a recording of one English word, from six speakers and a telephone's band (8 kHz).",
    "A voice that it never heard is much harder: networks of this kind get about three of four digits in one right. The recipe speech/digits-unseen-speaker measures others at 93.4 %: their convolutions run along the bands too, they learn from synthetic voices as well, and three of them are asked together.",
  ]),
  train: trainDigits,
};

async function trainDigits(run: RecipeRun): Promise<TrainedModel> {
  const [train, dev] = readFsdd(run);
  const labelOf = ({ digit }: { readonly digit: number }): number => digit;
  const { config, weights, metric, seconds } = await trainClips(
    run,
    "digits",
    digitPlan,
    digitLabels,
    clipsOf(train, labelOf),
    clipsOf(dev, labelOf),
  );
  return {
    config: { name: "speech/digits", ...config } as TrainedModel["config"],
    weights,
    seconds,
    files: {},
    figures: [{ metric: "accuracy, before rounding to eight bits", value: metric, count: dev.length, data: devFile }],
  };
}
