// How well digits are understood when a voice was never heard: for each speaker networks that learned from the others, and
// from voices that programs make. No epoch is chosen by the speaker who is left out; settings were, by two of the six
// (`unseenPlan` says which and how).
//
// Measured, seed 1: 93.4 % on average (george 88.9, jackson 94.4, lucas 94.9, nicolas 92.9, theo 98.2, yweweler 91.3), of the
// four by whom nothing was chosen 94.7; single networks 92.2. 24 minutes on one thread.

import type { Figure, Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { bySpeaker } from "../../tasks/speech/joined-digits.ts";
import { type ClipEnsemble, type TrainedEnsemble, trainEnsemble } from "./clip-ensemble.ts";
import { clipsOf } from "./clip-recipe.ts";
import { digitLabels } from "./digits.ts";
import { devFile, fsddCard, readFsdd, trainFile } from "./fsdd.ts";
import { clipsOfVoices, synthesizeDigits, type VoiceSource, voicesOfRun } from "./synthetic-voices.ts";
import { unseenPlan } from "./unseen-plan.ts";

/** Who is asked about a voice: networks from three seeds, by a tract that is longer, as it is, and shorter. */
const ensemble: ClipEnsemble = { networks: 3, warps: [0.93, 1, 1.07] };

/** The recipe of `speech/digits-unseen-speaker`, whose networks hear voices of `synthesize` beside those of the data. */
export function unseenSpeakerRecipe(synthesize: VoiceSource): Recipe {
  const voicesOf = voicesOfRun(synthesize);
  return {
    name: "speech/digits-unseen-speaker",
    summary: "how well spoken digits are told in voices that were never heard: a measurement",
    data: [trainFile, devFile],
    card: fsddCard("Spoken digits in voices never heard", [
      "A measurement rather than a model: for each of six speakers networks learned from the training recordings of the other five and from synthetic voices (eSpeak NG and Flite, which have to be installed), and are measured together on the development recordings of the one left out, and on all of their training recordings. The weights are those of the last network.",
    ]),
    train: async (run) => trainUnseen(run, clipsOfVoices(await voicesOf(run))),
  };
}

/** The recipe with the voices of eSpeak NG and Flite. */
export const digitsUnseenSpeaker: Recipe = unseenSpeakerRecipe(synthesizeDigits);

async function trainUnseen(run: RecipeRun, voices: ReturnType<typeof clipsOfVoices>): Promise<TrainedModel> {
  const [train, dev] = readFsdd(run);
  const labelOf = ({ digit }: { readonly digit: number }): number => digit;
  const figures: Figure[] = [];
  const alone: number[] = [];
  let seconds = 0;
  let last: TrainedEnsemble["last"] | undefined;
  const data = `${trainFile} and ${devFile}`;
  for (const [speaker, own] of bySpeaker([...dev, ...train])) {
    const others = train.filter((recording) => recording.speaker !== speaker);
    const trained = await trainEnsemble(
      run,
      `without-${speaker}`,
      ensemble,
      unseenPlan,
      digitLabels,
      clipsOf(others, labelOf),
      clipsOf(own, labelOf),
      voices,
    );
    last = trained.last;
    seconds += trained.seconds;
    alone.push(mean(trained.alone));
    const figure: Figure = {
      metric: `accuracy, ${speaker} never heard`,
      value: trained.metric,
      count: own.length,
      data,
    };
    const each = trained.alone.map((share) => (100 * share).toFixed(2)).join(", ");
    run.note(`${figure.metric}: ${(100 * figure.value).toFixed(2)} % of ${figure.count}, networks alone ${each}`);
    figures.push(figure);
  }
  const count = train.length + dev.length;
  return {
    config: { name: "speech/digits-unseen-speaker", ...last!.config } as TrainedModel["config"],
    weights: last!.weights,
    seconds,
    files: {},
    figures: [
      {
        metric: "accuracy in a voice never heard, mean of the speakers",
        value: mean(figures.map(({ value }) => value)),
        count,
        data,
      },
      { metric: "the same of single networks, mean", value: mean(alone), count, data },
      ...figures,
    ],
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
