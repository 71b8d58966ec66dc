// English part-of-speech tags. The lecture's own baseline is trained the same way: attention that sees one word alone and
// no convolution, so that a word's tag follows from the word.

import type { ModelConfig } from "@saccade/attention-core";
import { type ConlluSentence, encodeRows, featureLayout, readConllu } from "@saccade/text-tokens";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { labelKinds, numberSentences, tableRows, taggerFeatures } from "./tagger-data.ts";
import { teach, type TaggerSettings, type TaggerTraining, trainTagger } from "./train-tagger.ts";

const trainFile = "en_ewt-ud-train.conllu";
const devFile = "en_ewt-ud-dev.conllu";

/** Rows of the table: with 192 columns of eight bits what leaves a model below 5 MB. */
const mostRows = 20_000;

const settings: TaggerSettings = {
  epochs: 10,
  words: 1200,
  rate: 1.5e-3,
  decay: 0.02,
  averaging: 0.998,
  smoothing: 0.1,
  auxiliary: 0.5,
  dropout: { input: 0.2, branches: 0.3, hidden: 0.2, attention: 0.1, words: 0.2 },
};

const card = {
  title: "Part-of-speech tags, English",
  licence: "CC BY-SA 4.0",
  about: [
    "Universal part-of-speech tags (17) for English words, from the web: weblogs, newsgroups, e-mail, reviews, answers.",
    "Trained on UD English-EWT, © 2013-2021 The Board of Trustees of The Leland Stanford Junior University, CC BY-SA 4.0: Silveira et al. 2014, A Gold Standard Dependency Corpus for English, LREC. The licence of the data is share-alike, so the weights are under CC BY-SA 4.0 too.",
    "No pretrained vectors. Not for other languages; less sure on text that is unlike the web of 2000 to 2012.",
  ],
};

/** What `text/upos` ships: a convolution and attention over the whole sentence in each of two layers. */
export const upos: Recipe = {
  name: "text/upos",
  summary: "part-of-speech tags for English words",
  data: [trainFile, devFile],
  card,
  train: async (run) => trainUpos(run, "text/upos", { context: true, teachers: 3 }),
};

/** The same with attention removed: each word alone. */
export const uposWordsAlone: Recipe = {
  name: "text/upos-words-alone",
  summary: "the same tagger with attention removed: what a word alone tells of its tag",
  data: [trainFile, devFile],
  card: {
    ...card,
    title: "Part-of-speech tags from words alone",
    about: [
      "A baseline, not for use: the tagger text/upos with attention and convolution narrowed to the word itself, trained the same way. It cannot tell the two words of `I saw a saw` apart.",
      ...card.about.slice(1, 2),
    ],
  },
  train: async (run) => trainUpos(run, "text/upos-words-alone", { context: false, teachers: 0 }),
};

interface Variant {
  readonly context: boolean;
  /** Networks of other seeds whose mean the one that ships learns from (Hinton et al. 2015); 0 for none. */
  readonly teachers: number;
}

async function trainUpos(run: RecipeRun, name: string, { context, teachers }: Variant): Promise<TrainedModel> {
  const read = (file: string): ConlluSentence[] => readConllu(run.read(file));
  const [train, dev] = [read(trainFile), read(devFile)];
  const kinds = labelKinds(train);
  const rows = tableRows(train, context ? mostRows : mostRows / 3);
  const model = modelOf(rows.length, kinds[0]!.labels.length, context);
  const pattern = context ? ({ kind: "full" } as const) : ({ kind: "window", left: 0, right: 0 } as const);
  const base: Omit<TaggerTraining, "name" | "seed"> = {
    model,
    pattern,
    kinds,
    train: numberSentences(train, rows, kinds),
    dev: numberSentences(dev, rows, kinds),
    settings: { ...settings, epochs: run.epochs ?? settings.epochs },
    backend: run.backend,
    checkpoints: run.checkpoints,
    onProgress: run.onProgress,
    signal: run.signal,
  };
  let teacher: Float32Array[] | undefined;
  for (let n = 1; n <= teachers; n += 1) {
    const { weights, accuracy } = await trainTagger({ ...base, name: `teacher-${n}`, seed: run.seed + n });
    run.note(`teacher ${n} of ${teachers}: ${(100 * accuracy).toFixed(2)} % of the words of ${devFile}`);
    const taught = await teach(run.backend, model, pattern, weights, base.train, run.signal);
    teacher ??= taught.map((probabilities) => new Float32Array(probabilities.length));
    taught.forEach((probabilities, s) => probabilities.forEach((p, i) => (teacher![s]![i]! += p / teachers)));
  }
  const { weights, accuracy } = await trainTagger({ ...base, name: "tagger", seed: run.seed, teacher });
  const words = base.dev.reduce((sum, sentence) => sum + sentence.words.length, 0);
  return {
    config: {
      name,
      model,
      labels: kinds[0]!.labels,
      features: taggerFeatures,
      rows: "rows.bin",
      pattern,
      sentences: "split",
    } as TrainedModel["config"],
    weights,
    files: { "rows.bin": encodeRows(rows) },
    figures: [
      { metric: "accuracy on gold words, before rounding to eight bits", value: accuracy, count: words, data: devFile },
    ],
  };
}

function modelOf(rows: number, labels: number, context: boolean): ModelConfig {
  const reach = context ? 1 : 0;
  return {
    input: { kind: "embeddings", rows, columns: featureLayout(taggerFeatures).columns, norm: true },
    encoder: {
      layers: 2,
      width: 192,
      heads: 4,
      feedForwardWidth: 256,
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
