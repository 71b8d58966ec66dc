// Who speaks, of the six of the data. What tells them apart is in the voice and in the microphone; nothing is normalised
// away, and little is changed.

import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { type ClipPlan, clipsOf, trainClips } from "./clip-recipe.ts";
import { digitPlan } from "./digits.ts";
import { devFile, fsddCard, readFsdd, trainFile } from "./fsdd.ts";
import { telephoneFrames } from "./speech-network.ts";

const plan: ClipPlan = {
  frames: telephoneFrames,
  network: { width: 64, layers: 2, feedForwardWidth: 128, strides: [2, 2], near: 1 },
  normalization: "fixed",
  changes: {
    variants: 4,
    waveform: { speed: [0.97, 1.03], paddingMs: [0, 40], noiseBelowDb: [25, 60], gainDb: [-6, 6] },
    warp: [0.98, 1.02],
    frames: {
      stretch: [0.85, 1.18],
      times: { count: 1, frames: 8, share: 0.2 },
      bands: { count: 1, bands: 5 },
      channel: 0,
    },
  },
  settings: { ...digitPlan.settings, epochs: 15 },
};

/** The recipe of `speech/speaker`. */
export const speaker: Recipe = {
  name: "speech/speaker",
  summary: "who of six says a digit",
  data: [trainFile, devFile],
  card: fsddCard("Speakers of the Free Spoken Digit Dataset", [
    "Which of the six speakers of the data says a digit. It knows nobody else, and gives everybody one of the six names. Each of the six was recorded in a place of their own, so that it goes by rooms and microphones as much as by voices: not for telling who somebody is.",
  ]),
  train: trainSpeaker,
};

async function trainSpeaker(run: RecipeRun): Promise<TrainedModel> {
  const [train, dev] = readFsdd(run);
  const labels = [...new Set(train.map((recording) => recording.speaker))].toSorted();
  const labelOf = (recording: { readonly speaker: string }): number => labels.indexOf(recording.speaker);
  const { config, weights, metric, seconds } = await trainClips(
    run,
    "speaker",
    plan,
    labels,
    clipsOf(train, labelOf),
    clipsOf(dev, labelOf),
  );
  return {
    config: { name: "speech/speaker", ...config } as TrainedModel["config"],
    weights,
    seconds,
    files: {},
    figures: [{ metric: "accuracy, before rounding to eight bits", value: metric, count: dev.length, data: devFile }],
  };
}
