// What recipes of taggers have in common: from labelled sentences to the files of a model.

import type { ModelConfig } from "@saccade/attention-core";
import {
  encodeRows,
  featureLayout,
  type TextModelConfig,
  type TextPattern,
  type WordFeatureConfig,
} from "@saccade/text-tokens";
import type { Figure, RecipeRun, TrainedModel } from "../recipe.ts";
import { teach } from "./run-tagger.ts";
import { type LabelKind, labelKinds, type LabelledSentence, numberSentences, tableRows } from "./tagger-data.ts";
import { type TaggerSettings, type TaggerTraining, trainTagger } from "./train-tagger.ts";

/** A tagger to be trained. */
export interface TaggerPlan {
  readonly name: string;
  readonly features: WordFeatureConfig;
  /** Columns of the features that say which word it is. */
  readonly identity: readonly number[];
  /** The kinds of labels: the one that is wanted, then auxiliary ones. */
  readonly kinds: readonly string[];
  readonly train: readonly LabelledSentence[];
  readonly dev: readonly LabelledSentence[];
  /** Rows of the table at most. */
  readonly mostRows: number;
  readonly network: TaggerNetwork;
  readonly settings: TaggerSettings;
  /** Networks of other seeds, which may be larger, whose mean the one that is kept learns from (Hinton et al. 2015). */
  readonly teachers?: TeacherPlan;
  readonly figure: Omit<Figure, "value">;
  /** How good found labels of the first kind are; default: the share of words that are right. */
  readonly metricOf?: (kind: LabelKind) => (found: readonly Int32Array[]) => number;
}

/** Those who teach. */
export interface TeacherPlan {
  readonly count: number;
  readonly network: TaggerNetwork;
  readonly mostRows: number;
  readonly epochs: number;
}

/** Sizes of a tagger's network. */
export interface TaggerNetwork {
  readonly width: number;
  readonly feedForwardWidth: number;
  /** Convolution and attention over the sentence; false narrows both to the word itself. */
  readonly context: boolean;
}

/** Trains the tagger of a plan. Rejects as `trainTagger` does. */
export async function trainTaggerModel(run: RecipeRun, plan: TaggerPlan): Promise<TrainedModel> {
  const { features, figure } = plan;
  const { labels } = labelKinds(plan.kinds, plan.train)[0]!;
  const teacher = plan.teachers && (await learnTeachers(run, plan, plan.teachers));
  const rows = tableRows(features, plan.train, plan.mostRows);
  const training = trainingOf(run, plan, plan.network, rows, plan.settings.epochs);
  const { weights, metric } = await trainTagger({ ...training, name: "tagger", seed: run.seed, teacher });
  const { model, pattern } = training;
  const config: TextModelConfig = { model, labels, features, rows: "rows.bin", pattern, sentences: "split" };
  return {
    config: { name: plan.name, ...config } as TrainedModel["config"],
    weights,
    files: { "rows.bin": encodeRows(rows) },
    figures: [{ ...figure, metric: `${figure.metric}, before rounding to eight bits`, value: metric }],
  };
}

/** The mean of the teachers' probabilities [P, L] for each sentence of the training data. */
async function learnTeachers(run: RecipeRun, plan: TaggerPlan, teachers: TeacherPlan): Promise<Float32Array[]> {
  const { figure } = plan;
  const rows = tableRows(plan.features, plan.train, teachers.mostRows);
  const training = trainingOf(run, plan, teachers.network, rows, teachers.epochs);
  const mean: Float32Array[] = [];
  for (let n = 1; n <= teachers.count; n += 1) {
    const { weights, metric } = await trainTagger({ ...training, name: `teacher-${n}`, seed: run.seed + n });
    run.note(`teacher ${n} of ${teachers.count}: ${figure.metric} ${(100 * metric).toFixed(2)} % on ${figure.data}`);
    const taught = await teach(run.backend, training.model, training.pattern, weights, training.train, run.signal);
    for (const [sentence, probabilities] of taught.entries()) {
      const sum = (mean[sentence] ??= new Float32Array(probabilities.length));
      for (let i = 0; i < sum.length; i += 1) sum[i]! += probabilities[i]! / teachers.count;
    }
  }
  return mean;
}

/** What a network of some size is trained on. */
export function trainingOf(
  run: RecipeRun,
  plan: TaggerPlan,
  network: TaggerNetwork,
  rows: Int32Array,
  epochs: number,
): Omit<TaggerTraining, "name" | "seed" | "pattern"> & { readonly pattern: TextPattern } {
  const { features } = plan;
  const kinds = labelKinds(plan.kinds, plan.train);
  return {
    model: modelOf(features, network, rows.length, kinds[0]!.labels.length),
    pattern: network.context ? { kind: "full" } : { kind: "window", left: 0, right: 0 },
    kinds,
    identity: plan.identity,
    train: numberSentences(features, plan.train, rows, kinds),
    dev: numberSentences(features, plan.dev, rows, kinds),
    metric: plan.metricOf?.(kinds[0]!),
    settings: { ...plan.settings, epochs: run.epochs ?? epochs },
    backend: run.backend,
    checkpoints: run.checkpoints,
    onProgress: run.onProgress,
    signal: run.signal,
  };
}

function modelOf(features: WordFeatureConfig, network: TaggerNetwork, rows: number, labels: number): ModelConfig {
  const { width, feedForwardWidth, context } = network;
  const reach = context ? 1 : 0;
  return {
    input: { kind: "embeddings", rows, columns: featureLayout(features).columns, norm: true },
    encoder: {
      layers: 2,
      width,
      heads: 4,
      feedForwardWidth,
      activation: "gelu",
      norm: "layer",
      placement: "pre",
      epsilon: 1e-5,
      positions: { kind: "none" },
      positionBias: { kind: "relative", reach: context ? 16 : 0 },
      convolution: { left: reach, right: reach, activation: "gelu" },
    },
    head: { kind: "position-labels", labels },
  };
}
