// What tasks that say something of each word have in common: texts in, a result for the words of each text out.

import { modelNetwork, type PositionScores, probabilitiesOf } from "@saccade/attention-core";
import type { Processor } from "@saccade/pipeline";
import { openTextModel, type TextModel, type TextModelFiles } from "../model/text-model.ts";
import type { TokenizedText } from "../tokenizer/token.ts";
import { tokenizer } from "../tokenizer/tokenize.ts";
import type { TextSettings } from "./settings.ts";
import { asTextBatch, rowsOfTokens, textBatch } from "./text-batch.ts";
import { type TextInput, tokensOf, wordsOf } from "./text-input.ts";

/** The words of a text, and for each the probability of each label [L]. */
export interface ScoredText extends TokenizedText {
  readonly probabilities: readonly Float64Array[];
}

/** Opens a model that labels words; `finish` makes the output of a text. Rejects as `openTextModel` does. */
export async function openTagging<Output>(
  task: string,
  files: TextModelFiles,
  settings: TextSettings,
  signal: AbortSignal | undefined,
  finish: (text: ScoredText, labels: readonly string[]) => Output,
): Promise<Processor<TextInput, Output, "position-labels">> {
  const model = await openTextModel(files, task, "position-labels", signal);
  const { sentences } = model.config;
  const tokenize = tokenizer();
  return taggingProcessor(
    model,
    settings,
    (input) => tokensOf(input, tokenize, { sentences, paragraphs: settings.paragraphs }),
    wordsOf,
    (text) => finish(text, model.config.labels),
  );
}

/** A processor whose inputs `cut` turns into tokens, of which the model scores each. */
export function taggingProcessor<Input, Output>(
  model: TextModel,
  settings: TextSettings,
  cut: (input: Input) => TokenizedText,
  positionsOf: (input: Input) => number,
  finish: (text: ScoredText) => Output,
): Processor<Input, Output, "position-labels"> {
  return {
    network: modelNetwork(model.config.model),
    positionsOf,
    featurize: (inputs) => textBatch(inputs.map(cut), model, settings, "no-set"),
    decode({ values, labels }: PositionScores, _, features) {
      const batch = asTextBatch(features);
      const rows = rowsOfTokens(batch);
      return batch.texts.map((text, i) =>
        finish({ ...text, probabilities: Array.from(rows[i]!, (row) => probabilitiesOf(values, row, labels)) }),
      );
    },
  };
}

/** Where the sentences of a text are, in UTF-16 units. */
export function sentenceSpans({
  tokens,
  sentences,
}: TokenizedText): { readonly start: number; readonly end: number }[] {
  return Array.from(sentences.slice(1), (end, s) => ({
    start: tokens[sentences[s]!]!.start,
    end: tokens[end - 1]!.end,
  }));
}
