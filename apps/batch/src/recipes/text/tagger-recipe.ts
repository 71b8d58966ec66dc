// What recipes of taggers have in common: from labelled sentences to the files of a model.

import type { ModelConfig } from "@saccade/attention-core";
import { encodeRows, featureLayout, type TextModelConfig, type WordFeatureConfig } from "@saccade/text-tokens";
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
  /** Networks of other seeds whose mean the one that is kept learns from (Hinton et al. 2015); 0 for none. */
  readonly teachers: number;
  readonly figure: Omit<Figure, "value">;
  /** How good found labels of the first kind are; default: the share of words that are right. */
  readonly metricOf?: (kind: LabelKind) => (found: readonly Int32Array[]) => number;
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
  const { features, teachers, figure } = plan;
  const kinds = labelKinds(plan.kinds, plan.train);
  const { labels } = kinds[0]!;
  const rows = tableRows(features, plan.train, plan.mostRows);
  const model = modelOf(plan, rows.length, labels.length);
  const pattern = plan.network.context ? ({ kind: "full" } as const) : ({ kind: "window", left: 0, right: 0 } as const);
  const base: Omit<TaggerTraining, "name" | "seed"> = {
    model,
    pattern,
    kinds,
    identity: plan.identity,
    train: numberSentences(features, plan.train, rows, kinds),
    dev: numberSentences(features, plan.dev, rows, kinds),
    metric: plan.metricOf?.(kinds[0]!),
    settings: { ...plan.settings, epochs: run.epochs ?? plan.settings.epochs },
    backend: run.backend,
    checkpoints: run.checkpoints,
    onProgress: run.onProgress,
    signal: run.signal,
  };
  let teacher: Float32Array[] | undefined;
  for (let n = 1; n <= teachers; n += 1) {
    const { weights, metric } = await trainTagger({ ...base, name: `teacher-${n}`, seed: run.seed + n });
    run.note(`teacher ${n} of ${teachers}: ${figure.metric} ${(100 * metric).toFixed(2)} % on ${figure.data}`);
    const taught = await teach(run.backend, model, pattern, weights, base.train, run.signal);
    teacher ??= taught.map((probabilities) => new Float32Array(probabilities.length));
    taught.forEach((probabilities, s) => probabilities.forEach((p, i) => (teacher![s]![i]! += p / teachers)));
  }
  const { weights, metric } = await trainTagger({ ...base, name: "tagger", seed: run.seed, teacher });
  const config: TextModelConfig = { model, labels, features, rows: "rows.bin", pattern, sentences: "split" };
  return {
    config: { name: plan.name, ...config } as TrainedModel["config"],
    weights,
    files: { "rows.bin": encodeRows(rows) },
    figures: [{ ...figure, metric: `${figure.metric}, before rounding to eight bits`, value: metric }],
  };
}

function modelOf({ features, network }: TaggerPlan, rows: number, labels: number): ModelConfig {
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
