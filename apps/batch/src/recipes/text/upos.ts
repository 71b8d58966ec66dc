// English part-of-speech tags. The lecture's own baseline is trained the same way: attention that sees one word alone and
// no convolution, so that a word's tag follows from the word.

import { readConllu } from "@saccade/text-tokens";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { identityColumns, type LabelledSentence, taggerFeatures, treebankSentence } from "./tagger-data.ts";
import { type TaggerPlan, trainTaggerModel } from "./tagger-recipe.ts";
import type { TaggerSettings } from "./train-tagger.ts";

const trainFile = "en_ewt-ud-train.conllu";
const devFile = "en_ewt-ud-dev.conllu";

/** With 192 columns a tagger by the same teachers was right in 95.37 % of the words instead of 95.22, but slower than compromise (see BENCHMARKS.md). */
const sizes = { network: { width: 128, feedForwardWidth: 256, context: true }, mostRows: 28_000 } as const;

const teachers = {
  count: 3,
  network: { width: 192, feedForwardWidth: 256, context: true },
  mostRows: 20_000,
  epochs: 10,
} as const;

const settings: TaggerSettings = {
  epochs: 14,
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
  train: async (run) => trainUpos(run, "text/upos", { ...sizes, settings, teachers }),
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
  train: async (run) =>
    trainUpos(run, "text/upos-words-alone", {
      network: { width: 192, feedForwardWidth: 256, context: false },
      mostRows: 6_666,
      settings: { ...settings, epochs: 10 },
    }),
};

type Variant = Pick<TaggerPlan, "network" | "mostRows" | "settings" | "teachers">;

async function trainUpos(run: RecipeRun, name: string, variant: Variant): Promise<TrainedModel> {
  const read = (file: string): LabelledSentence[] => readConllu(run.read(file)).map(treebankSentence);
  const [train, dev] = [read(trainFile), read(devFile)];
  return trainTaggerModel(run, {
    name,
    features: taggerFeatures,
    identity: identityColumns,
    kinds: ["upos", "xpos", "feats"],
    train,
    dev,
    ...variant,
    figure: {
      metric: "accuracy on gold words",
      count: dev.reduce((sum, { words }) => sum + words.length, 0),
      data: devFile,
    },
  });
}
