// Words and their parts of speech in Chinese text, from labels of its characters.

import type { Modality } from "@saccade/pipeline";
import { charactersOf, charactersOfWords } from "../characters/characters.ts";
import { jointWords } from "../labels/joint-words.ts";
import { openTextModel } from "../model/text-model.ts";
import type { TokenizedText } from "../tokenizer/token.ts";
import { type TextSettings, textSettings } from "./settings.ts";
import { sentenceSpans, taggingProcessor } from "./tagging.ts";
import type { TextInput } from "./text-input.ts";
import type { TaggedText } from "./upos.ts";

/**
 * `text/chinese-upos`: words of Chinese text and their parts of speech, by a model that labels characters B-TAG and I-TAG.
 * An input is a text, or the words of one sentence, which then are only tagged, and whose offsets are those in the words
 * one after another. Settings count characters; a text has any length, as in `upos`.
 */
export const chineseUpos: Modality<TextInput, TaggedText, "position-labels", TextSettings> = {
  name: "text/chinese-upos",
  head: "position-labels",
  settings: textSettings,
  async open(files, settings, signal) {
    const model = await openTextModel(files, "text/chinese-upos", "position-labels", signal);
    const { labels } = model.config;
    const cut = (input: TextInput): TokenizedText & { readonly begins?: readonly boolean[] } =>
      typeof input === "string" ? charactersOf(input) : charactersOfWords(input);
    const positionsOf = (input: TextInput): number =>
      typeof input === "string" ? input.length : input.reduce((sum, word) => sum + word.length, 0);
    return taggingProcessor(model, settings, cut, positionsOf, (text) => {
      const { begins } = text as { readonly begins?: readonly boolean[] };
      const characters = text.tokens.map((token, i) => ({
        ...token,
        probabilities: text.probabilities[i]!,
        begins: begins?.[i],
      }));
      const tokens = Array.from(text.sentences.slice(1), (end, s) =>
        jointWords(text.text, characters.slice(text.sentences[s], end), labels),
      ).flat();
      return { tokens, sentences: sentenceSpans(text) };
    });
  },
};
