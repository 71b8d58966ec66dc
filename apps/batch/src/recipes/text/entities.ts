// Names of persons, places and other things in English text of the web. Measured once, seed 1, in eight bits on the
// development part of WNUT-17: span F1 28.6 % (precision 38.8, recall 22.6). No weights are shipped: who needs names
// needs more of them found.

import { bioOfSpans, readLabelledTokens, spansOfBio, type WordFeatureConfig } from "@saccade/text-tokens";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { spanFigure } from "./span-figure.ts";
import { identityColumns, type LabelledSentence, taggerFeatures } from "./tagger-data.ts";
import { trainTaggerModel } from "./tagger-recipe.ts";
import type { TaggerSettings } from "./train-tagger.ts";

const trainFile = "train.conll";
const devFile = "dev.conll";

const features: WordFeatureConfig = [
  ...taggerFeatures,
  { kind: "flags", flags: ["capitalized", "capitalized-first", "upper", "number", "url", "mention"] },
];

const settings: TaggerSettings = {
  epochs: 12,
  words: 600,
  rate: 1.5e-3,
  decay: 0.02,
  averaging: 0.995,
  smoothing: 0.05,
  auxiliary: 0,
  // 96 % of the names of the development part stand nowhere in the training part: form and context must tell.
  dropout: { input: 0.3, branches: 0.3, hidden: 0.3, attention: 0.1, words: 0.4 },
};

/** The recipe of `text/entities`. */
export const entities: Recipe = {
  name: "text/entities",
  summary: "names of persons, places and things in English text",
  data: [trainFile, devFile],
  card: {
    title: "Entities, English",
    licence: "CC BY 4.0",
    about: [
      "Persons, locations, corporations, products, creative works and groups in English text of the web. A baseline: most names of new text escape a network that learned from 3,394 sentences and no other text.",
      "Trained on WNUT-17: Derczynski et al. 2017, Results of the WNUT2017 Shared Task on Novel and Emerging Entity Recognition (CC BY 4.0).",
    ],
  },
  train: trainEntities,
};

async function trainEntities(run: RecipeRun): Promise<TrainedModel> {
  const read = (file: string): LabelledSentence[] =>
    readLabelledTokens(run.read(file)).map(({ tokens, labels }) => ({
      words: tokens,
      // One spelling for each span, whatever labels the file begins it with.
      labels: [bioOfSpans(spansOfBio(labels), labels.length)],
    }));
  const [train, dev] = [read(trainFile), read(devFile)];
  return trainTaggerModel(run, {
    name: "text/entities",
    features,
    identity: identityColumns,
    kinds: ["entity"],
    train,
    dev,
    mostRows: 20_000,
    network: { width: 96, feedForwardWidth: 128, context: true },
    settings,
    ...spanFigure(dev, "span F1 on gold words", devFile),
  });
}
