// One spoken digit: a label per clip. Networks this small would learn the six speakers by heart, so that no recording is
// heard twice the same: every time faster or slower, by another vocal tract, through another channel, in other noise.

import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { type ClipPlan, clipsOf, trainClips } from "./clip-recipe.ts";
import { devFile, fsddCard, readFsdd, trainFile } from "./fsdd.ts";

/** What `digits` and `digits-unseen-speaker` train alike. */
export const digitPlan: ClipPlan = {
  network: { width: 96, layers: 2, feedForwardWidth: 192, strides: [2, 2], near: 1 },
  normalization: "utterance",
  changes: {
    variants: 8,
    waveform: { speed: [0.85, 1.18], paddingMs: [0, 60], noiseBelowDb: [12, 50], gainDb: [0, 0] },
    warp: [0.88, 1.14],
    frames: {
      stretch: [0.8, 1.25],
      times: { count: 1, frames: 8, share: 0.2 },
      bands: { count: 2, bands: 6 },
      channel: 1,
    },
  },
  settings: {
    epochs: 30,
    clips: 48,
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
    "A voice that it never heard is harder: the recipe speech/digits-unseen-speaker measures how much.",
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
