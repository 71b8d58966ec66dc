// Texts as a batch of sets: their sentences, or windows of those that are too long.

import type { Features } from "@saccade/attention-core";
import type { TextModel } from "../model/text-model.ts";
import type { TokenizedText } from "../tokenizer/token.ts";
import { type Window, type WindowSettings, windowsOf } from "../windows/windows.ts";

/** Features of texts, and where each set comes from. */
export interface TextBatch extends Features {
  /** [N], ascending. */
  readonly inputOfSet: Int32Array;
  readonly texts: readonly TokenizedText[];
  /** One per set; places count the tokens of its text. */
  readonly windows: readonly Window[];
}

/**
 * The sets of texts. A text without tokens has none; with `empty` it has one without positions, so that each text has
 * at least one.
 */
export function textBatch(
  texts: readonly TokenizedText[],
  { config, featurizer }: TextModel,
  settings: WindowSettings,
  empty: "no-set" | "empty-set",
): TextBatch {
  const { columns } = featurizer.layout;
  const inputs: number[] = [];
  const windows: Window[] = [];
  const parts: Int32Array[] = [];
  const offsets = [0];
  texts.forEach(({ tokens, sentences }, input) => {
    const add = (window: Window, ids: Int32Array): void => {
      inputs.push(input);
      windows.push(window);
      parts.push(ids);
      offsets.push(offsets.at(-1)! + window.end - window.start);
    };
    for (let s = 0; s + 1 < sentences.length; s += 1) {
      const first = sentences[s]!;
      const words = tokens.slice(first, sentences[s + 1]).map((token) => token.text);
      const ids = featurizer.featuresOf(words);
      for (const { start, end, from, to } of windowsOf(words.length, settings)) {
        const window = { start: first + start, end: first + end, from: first + from, to: first + to };
        add(window, ids.subarray(start * columns, end * columns));
      }
    }
    if (tokens.length === 0 && empty === "empty-set") add({ start: 0, end: 0, from: 0, to: 0 }, new Int32Array(0));
  });
  const values = new Int32Array(offsets.at(-1)! * columns);
  parts.forEach((ids, n) => values.set(ids, offsets[n]! * columns));
  return {
    offsets: Int32Array.from(offsets),
    values,
    pattern: config.pattern,
    inputOfSet: Int32Array.from(inputs),
    texts,
    windows,
  };
}

/** For each text the row of the scores that answers for each of its tokens. */
export function rowsOfTokens({ texts, windows, offsets, inputOfSet }: TextBatch): Int32Array[] {
  const rows = texts.map(({ tokens }) => new Int32Array(tokens.length));
  windows.forEach(({ start, from, to }, n) => {
    const ofText = rows[inputOfSet[n]!]!;
    for (let token = from; token < to; token += 1) ofText[token] = offsets[n]! + token - start;
  });
  return rows;
}

/** The batch that features are. Throws `TypeError` for those that `textBatch` did not make. */
export function asTextBatch(features: Features): TextBatch {
  if (!("windows" in features) || !("texts" in features)) {
    throw new TypeError("Cannot decode scores: features must be those that this task made, they are others");
  }
  return features as TextBatch;
}
