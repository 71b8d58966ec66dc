// One label for a whole text.

import { largestOf, modelNetwork, probabilitiesOf } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import { openTextModel } from "../model/text-model.ts";
import { tokenizer } from "../tokenizer/tokenize.ts";
import { type TextSettings, textSettings } from "./settings.ts";
import { asTextBatch, textBatch } from "./text-batch.ts";
import { type TextInput, tokensOf, wordsOf } from "./text-input.ts";

/** A label, and how probable it is. */
export interface LabelScore {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

/** The label of a text, the most probable one, and all of them in the model's order. */
export interface SentimentLabel extends LabelScore {
  readonly labels: readonly LabelScore[];
}

/**
 * `text/sentiment`: one label per text, negative or positive or whatever the model knows. Inputs are as in `upos`. The
 * probabilities of a text that the model sees in several sets (its sentences, or windows of a long one) are the mean of
 * theirs, each set weighing as many words as it answers for. An empty text gets what the model says of no words.
 */
export const sentiment: Modality<TextInput, SentimentLabel, "set-label", TextSettings> = {
  name: "text/sentiment",
  head: "set-label",
  settings: textSettings,
  async open(files, settings, signal) {
    const model = await openTextModel(files, "text/sentiment", "set-label", signal);
    const { sentences, labels } = model.config;
    const tokenize = tokenizer();
    const options = { sentences, paragraphs: settings.paragraphs };
    return {
      network: modelNetwork(model.config.model),
      positionsOf: wordsOf,
      featurize: (inputs) =>
        textBatch(
          inputs.map((input) => tokensOf(input, tokenize, options)),
          model,
          settings,
          "empty-set",
        ),
      decode({ values }, _, features) {
        const { texts, windows, inputOfSet } = asTextBatch(features);
        const sums = texts.map(() => new Float64Array(labels.length));
        windows.forEach(({ from, to }, n) => {
          const sum = sums[inputOfSet[n]!]!;
          const weight = Math.max(1, to - from);
          probabilitiesOf(values, n, labels.length).forEach((each, l) => (sum[l]! += weight * each));
        });
        return sums.map((sum) => labelText(sum, labels));
      },
    };
  },
};

function labelText(sum: Float64Array, labels: readonly string[]): SentimentLabel {
  const whole = sum.reduce((all, each) => all + each, 0);
  const scores = labels.map((label, l): LabelScore => ({ label, score: sum[l]! / whole }));
  return { ...scores[largestOf(sum)]!, labels: scores };
}
