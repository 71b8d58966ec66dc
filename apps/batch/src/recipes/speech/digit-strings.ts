// Digits in a row: which ones, by CTC; and what is said when, a label for every frame. Both are heads of one network.

import type { HostTensor, Weights } from "@saccade/attention-core";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { digitLabels } from "./digits.ts";
import { devFile, fsddCard, readFsdd, trainFile } from "./fsdd.ts";
import { trainStrings } from "./string-training.ts";

const joined =
  "Strings are joined from recordings of single digits by the same speaker, with silence of 20 to 200 ms between them, noise 15 to 35 dB below the speech and a gain of -10 to 6 dB: not continuous speech, in which digits run into one another.";
const both =
  "speech/frames and speech/digit-strings are two heads of one network, trained at once by either recipe with the same bits; with the checkpoints of one, --resume gives the other without training again.";

/** The recipe of `speech/frames`. */
export const frames: Recipe = {
  name: "speech/frames",
  summary: "which digit is said when, in strings of them",
  data: [trainFile, devFile],
  card: fsddCard("Spoken digits, frame by frame", [
    "For every frame of a recording, which of ten English digits is being said, or none. It hears at most 0.2 seconds ahead in each of three layers, so that it can follow a stream.",
    joined,
    both,
  ]),
  train: async (run) => trainHead(run, "speech/frames"),
};

/** The recipe of `speech/digit-strings`. */
export const digitStrings: Recipe = {
  name: "speech/digit-strings",
  summary: "which digits are said in a row",
  data: [trainFile, devFile],
  card: fsddCard("Strings of spoken digits", [
    "The digits that are said in a recording, in their order, by connectionist temporal classification.",
    joined,
    both,
  ]),
  train: async (run) => trainHead(run, "speech/digit-strings"),
};

async function trainHead(run: RecipeRun, name: "speech/frames" | "speech/digit-strings"): Promise<TrainedModel> {
  const { config, weights, auxiliary, seconds } = await trainStrings(run, ...readFsdd(run));
  const isFrames = name === "speech/frames";
  const labels = isFrames ? config.labels : ["", ...digitLabels];
  return {
    config: { name, ...config, labels } as TrainedModel["config"],
    weights: isFrames ? weights : withHead(weights, auxiliary),
    seconds,
    files: {},
    figures: [],
  };
}

/** `weights` with the auxiliary head in the place of their own. */
function withHead(weights: Weights, auxiliary: Weights): Map<string, HostTensor> {
  return new Map(
    [...weights].map(([name, own]) => [name, auxiliary.get(name.replace(/^head/, "auxiliary")) ?? own] as const),
  );
}
