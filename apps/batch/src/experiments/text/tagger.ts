// A small tagger of English words on UD English-EWT, for experiments: the features of the tagger that is shipped, a table and
// a network a fraction of its size, and nothing beside the words: no convolution, unless an experiment asks for one.

import {
  type AttentionPattern,
  type EncoderConfig,
  type ModelConfig,
  type RandomStream,
} from "@saccade/attention-core";
import { featureLayout, readConllu } from "@saccade/text-tokens";
import { shuffledBatches } from "@saccade/training";
import type { DataFile } from "../../records/data-file.ts";
import { gather, hideWords, inOrder } from "../../recipes/text/tagger-batches.ts";
import {
  identityColumns,
  labelKinds,
  type LabelledSentence,
  numberSentences,
  tableRows,
  type TaggedSentence,
  taggerFeatures,
  treebankSentence,
} from "../../recipes/text/tagger-data.ts";
import type { LabelledBatch, LabellerTraining } from "../training/train-labeller.ts";

/** Files of the treebank, from the folder of `--data`. */
export const treebankFiles = ["ud-english-ewt/en_ewt-ud-train.conllu", "ud-english-ewt/en_ewt-ud-dev.conllu"] as const;

/** The treebank in numbers. */
export interface TaggerData {
  readonly train: readonly TaggedSentence[];
  readonly dev: readonly TaggedSentence[];
  /** Rows of the table of features. */
  readonly rows: number;
  readonly labels: number;
}

/** How much of the treebank is read; all of it by default. */
export interface TaggerSize {
  /** Sentences of the training part: the first of them after a shuffle that is the same for every call. */
  readonly sentences?: number;
  readonly devSentences?: number;
  readonly mostRows: number;
}

/** Reads the treebank. The table has the features of the sentences that are kept alone. */
export function readTaggerData(data: (path: string) => DataFile, size: TaggerSize): TaggerData {
  const [train, dev] = treebankFiles.map((path) =>
    readConllu(data(path).text()).map((sentence) => universalTags(treebankSentence(sentence))),
  );
  const order = shuffledBatches(
    train!.map(() => 1),
    { positions: train!.length, seed: 20240917 },
  )(0)[0]!;
  const kept = Array.from(order.subarray(0, size.sentences ?? train!.length), (n) => train![n]!);
  const rows = tableRows(taggerFeatures, kept, size.mostRows);
  const kinds = labelKinds(["upos"], train!);
  return {
    train: numberSentences(taggerFeatures, kept, rows, kinds),
    dev: numberSentences(taggerFeatures, dev!.slice(0, size.devSentences), rows, kinds),
    rows: rows.length,
    labels: kinds[0]!.labels.length,
  };
}

/** The first kind of labels alone. */
function universalTags({ words, labels }: LabelledSentence): LabelledSentence {
  return { words, labels: labels.slice(0, 1) };
}

/** An encoder of two layers of 64 columns without positions, changed by `changes`. */
export function taggerModel({ rows, labels }: TaggerData, changes: Partial<EncoderConfig> = {}): ModelConfig {
  return {
    input: { kind: "embeddings", rows, columns: featureLayout(taggerFeatures).columns, norm: true },
    encoder: {
      layers: 2,
      width: 64,
      heads: 4,
      feedForwardWidth: 128,
      activation: "gelu",
      norm: "layer",
      placement: "pre",
      epsilon: 1e-5,
      positions: { kind: "none" },
      ...changes,
    },
    head: { kind: "position-labels", labels },
  };
}

const full = { kind: "full" } as const;

/** The sentences of `dev` in batches, as they stand; words attend by `pattern`. */
export function devBatches(dev: readonly TaggedSentence[], pattern: AttentionPattern = full): LabelledBatch[] {
  return inOrder(dev).map((numbers) => labelled(dev, numbers, pattern));
}

/** How a tagger of `data` is trained for `steps` steps of about `words` words. */
export function taggerTraining(
  data: TaggerData,
  training: Pick<LabellerTraining, "name" | "model" | "steps" | "seed"> & { readonly words: number },
  pattern: AttentionPattern = full,
): LabellerTraining {
  const { train } = data;
  const columns = featureLayout(taggerFeatures).columns;
  return {
    ...training,
    batches: shuffledBatches(
      train.map(({ words }) => words.length),
      { positions: training.words, seed: training.seed, bucket: 50 },
    ),
    gather: (numbers: Int32Array, random: RandomStream): LabelledBatch => {
      const batch = labelled(train, numbers, pattern);
      hideWords(batch.features.values as Int32Array, columns, identityColumns, 0.15, random);
      return batch;
    },
    dev: devBatches(data.dev, pattern),
    rate: 6e-3,
    dropout: 0.2,
  };
}

function labelled(sentences: readonly TaggedSentence[], numbers: Int32Array, pattern: AttentionPattern): LabelledBatch {
  const { features, labels } = gather(sentences, numbers, pattern);
  return { features, labels: labels[0]! };
}

/** Sizes of the trainings of taggers: 700 steps of 600 words are twice the treebank, 15 seconds on a core of 2026. */
export function taggerBudget(quick: boolean): TaggerSize & { readonly words: number; readonly steps: number } {
  return quick
    ? { sentences: 600, devSentences: 200, mostRows: 3000, words: 300, steps: 30 }
    : { mostRows: 12_000, words: 600, steps: 700 };
}

/** How that is said in a report. */
export function describeTagger(
  { train, dev, rows }: TaggerData,
  { steps, words }: { readonly steps: number; readonly words: number },
): string {
  const count = dev.reduce((sum, sentence) => sum + sentence.words.length, 0);
  return `A tagger of English words (17 universal tags) without convolutions: hashed features of each word in a table of ${rows.toLocaleString("en")} rows, two layers of 64 columns; ${steps.toLocaleString("en")} steps of about ${words} words of ${train.length.toLocaleString("en")} sentences of UD English-EWT, the same for all, measured on ${count.toLocaleString("en")} words of its development part.`;
}
