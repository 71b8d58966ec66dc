// Chinese words and their parts of speech in one decision: each character is the first of a word with some tag, or goes on
// with it (Ng and Low 2004, "Chinese Part-of-Speech Tagging: One-at-a-Time or All-at-Once?"). Measured
// once, seed 1, in eight bits on the development part of UD Chinese-GSD, simplified, from the text of its sentences: F1 of
// words 92.4 %, of words with their tags 85.8 %. No weights are shipped: the licence of the data leaves that open.

import { charactersOfWords, jointLabels, readLabelledTokens, type WordFeatureConfig } from "@saccade/text-tokens";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { spanFigure } from "./span-figure.ts";
import type { LabelledSentence } from "./tagger-data.ts";
import { trainTaggerModel } from "./tagger-recipe.ts";
import type { TaggerSettings } from "./train-tagger.ts";

const trainFile = "simplified.train.tsv";
const devFile = "simplified.dev.tsv";

/** The character, it and one or two before it, and what kind it is; the convolution brings those after it. */
const features: WordFeatureConfig = [
  { kind: "word", form: "folded", vocabulary: [], hashRows: 1 << 20 },
  { kind: "word-ngram", form: "folded", length: 2, rows: 1 << 21 },
  { kind: "word-ngram", form: "folded", length: 3, rows: 1 << 21 },
  { kind: "shape", longestRun: 1, rows: 1 << 12 },
];

const settings: TaggerSettings = {
  epochs: 10,
  words: 1500,
  rate: 1.5e-3,
  decay: 0.02,
  averaging: 0.998,
  smoothing: 0.1,
  auxiliary: 0.5,
  dropout: { input: 0.3, branches: 0.3, hidden: 0.2, attention: 0.1, words: 0.1 },
};

/** The recipe of `text/chinese-upos`. */
export const chineseUpos: Recipe = {
  name: "text/chinese-upos",
  summary: "Chinese words and their parts of speech",
  data: [trainFile, devFile],
  card: {
    title: "Words and part-of-speech tags, Chinese",
    licence: "CC BY-SA 4.0, if the treebank's licence is taken as its repository states it today",
    about: [
      "Words and universal part-of-speech tags (15, those of the first version of Universal Dependencies) for text in simplified characters.",
      "Trained on UD Chinese-GSD, its revision of 2016: Shen, McDonald, Zeman and Qi. That revision was CC BY-NC-SA 4.0; the restriction to non-commercial use was lifted in 2019. Ask whoever gives you the data before you hand on weights.",
    ],
  },
  train: trainChineseUpos,
};

/** Characters with joint labels, of the universal tags and of those of the treebank. */
function charactersOf(data: string): LabelledSentence[] {
  const [upos, xpos] = [readLabelledTokens(data, { label: 1 }), readLabelledTokens(data, { label: 2 })];
  return upos.map(({ tokens: words, labels }, n) => {
    const counts = words.map((word) => charactersOfWords([word]).tokens.length);
    return {
      words: charactersOfWords(words).tokens.map(({ text }) => text),
      labels: [jointLabels(counts, labels), jointLabels(counts, xpos[n]!.labels)],
    };
  });
}

async function trainChineseUpos(run: RecipeRun): Promise<TrainedModel> {
  const [train, dev] = [charactersOf(run.read(trainFile)), charactersOf(run.read(devFile))];
  return trainTaggerModel(run, {
    name: "text/chinese-upos",
    features,
    identity: [0],
    kinds: ["upos", "xpos"],
    train,
    dev,
    mostRows: 40_000,
    network: { width: 96, feedForwardWidth: 128, context: true },
    settings,
    ...spanFigure(dev, "F1 of words with the right tag", devFile),
  });
}
