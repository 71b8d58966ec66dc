// Several networks that learned from the same clips, asked together: each hears a clip by several vocal tracts, and what
// they find probable is multiplied.

import { logMelExtractor, type SpeechModelConfig } from "@saccade/speech-frames";
import type { RecipeRun } from "../recipe.ts";
import { type ClipPlan, type LabelledClip, shareRight, trainClips } from "./clip-recipe.ts";
import { hearTrained, type TrainedSpeech } from "./train-speech.ts";

/** Which networks, and how they hear. */
export interface ClipEnsemble {
  /** How many, from seeds of their own. */
  readonly networks: number;
  /** Warps of the bands by which each hears a clip, see `LogMelOptions`. */
  readonly warps: readonly number[];
}

/** Networks that were trained. */
export interface TrainedEnsemble {
  /** The last one. */
  readonly last: TrainedSpeech & { readonly config: SpeechModelConfig };
  /** The share of clips that all of them label rightly together. */
  readonly metric: number;
  /** The same of each network alone, by the first warp alone. */
  readonly alone: readonly number[];
  /** Of all trainings. */
  readonly seconds: number;
}

/** Between the seeds of the networks, so that runs by seeds next to each other share none. */
const seedStep = 100;

/** Trains the networks of `ensemble` on `train`, one after another, and measures them on `dev`; `more` is that of `trainClips`. */
export async function trainEnsemble(
  run: RecipeRun,
  name: string,
  { networks, warps }: ClipEnsemble,
  plan: ClipPlan,
  labels: readonly string[],
  train: readonly LabelledClip[],
  dev: readonly LabelledClip[],
  more: readonly (readonly LabelledClip[])[],
): Promise<TrainedEnsemble> {
  const heard = warps.map((warp) => {
    const extract = logMelExtractor(plan.frames, { warp });
    return dev.map(({ samples }) => extract(samples));
  });
  const sums = new Float32Array(dev.length * labels.length);
  const alone: number[] = [];
  let seconds = 0;
  let last: TrainedEnsemble["last"] | undefined;
  for (let n = 0; n < networks; n += 1) {
    const own = { ...run, seed: run.seed + n * seedStep };
    last = await trainClips(own, `${name}-${n + 1}`, plan, labels, train, dev, more);
    seconds += last.seconds;
    alone.push(last.metric);
    for (const clips of heard) {
      const { scores } = await hearTrained(run, last.config, last, clips);
      addLogProbabilities(sums, scores, labels.length);
    }
  }
  return { last: last!, metric: shareRight(sums, dev), alone, seconds };
}

/** Adds to `sums` [N, L] the logarithms of the probabilities that `scores` [N, L] stand for. */
function addLogProbabilities(sums: Float32Array, scores: Float32Array, labels: number): void {
  for (let from = 0; from < scores.length; from += labels) {
    const own = scores.subarray(from, from + labels);
    const most = Math.max(...own);
    const total = most + Math.log(own.reduce((sum, score) => sum + Math.exp(score - most), 0));
    own.forEach((score, label) => (sums[from + label]! += score - total));
  }
}
