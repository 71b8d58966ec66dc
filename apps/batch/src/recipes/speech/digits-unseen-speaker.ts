// How well digits are understood when a voice was never heard: for each speaker networks that learned from the others, and
// from voices that programs make. No epoch is chosen by the speaker who is left out; settings were, by two of the six
// (`unseenPlan` says which and how).

import type { Figure, Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { bySpeaker } from "../../tasks/speech/joined-digits.ts";
import { type TrainedEnsemble, trainEnsemble } from "./clip-ensemble.ts";
import { clipsOf, type LabelledClip } from "./clip-recipe.ts";
import { devFile, fsddCard, readFsdd, trainFile } from "./fsdd.ts";
import { synthesizeDigits, type SyntheticVoices } from "./synthetic-voices.ts";
import { digitLabels } from "./digits.ts";
import { unseenEnsemble, unseenPlan } from "./unseen-plan.ts";
import { telephoneFrames } from "./speech-network.ts";

/** Makes voices at a sample rate; rejects with the reason of `signal`. */
export type VoiceSource = (sampleRate: number, signal: AbortSignal) => Promise<SyntheticVoices>;

/** The recipe of `speech/digits-unseen-speaker`, whose networks hear voices of `synthesize` beside those of the data. */
export function unseenSpeakerRecipe(synthesize: VoiceSource): Recipe {
  return {
    name: "speech/digits-unseen-speaker",
    summary: "how well spoken digits are told in voices that were never heard: a measurement",
    data: [trainFile, devFile],
    card: fsddCard("Spoken digits in voices never heard", [
      "A measurement rather than a model: for each of six speakers networks learned from the training recordings of the other five and from synthetic voices (eSpeak NG and Flite, which have to be installed), and are measured together on the development recordings of the one left out, and on all of their training recordings. The weights are those of the last network.",
    ]),
    train: async (run) => trainUnseen(run, await synthesize(telephoneFrames.sampleRate, run.signal)),
  };
}

/** The recipe with the voices of eSpeak NG and Flite. */
export const digitsUnseenSpeaker: Recipe = unseenSpeakerRecipe(synthesizeDigits);

async function trainUnseen(run: RecipeRun, voices: SyntheticVoices): Promise<TrainedModel> {
  const [train, dev] = readFsdd(run);
  const labelOf = ({ digit }: { readonly digit: number }): number => digit;
  const more = voices.map((digits) => digits.map(({ samples, digit }): LabelledClip => ({ samples, label: digit })));
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
      unseenEnsemble,
      unseenPlan,
      digitLabels,
      clipsOf(others, labelOf),
      clipsOf(own, labelOf),
      more,
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
