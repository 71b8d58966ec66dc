// A tag for each word: with a model of Universal Dependencies' tags, parts of speech; with another one, its labels.

import { largestOf } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import type { Span } from "../span.ts";
import type { Token } from "../tokenizer/token.ts";
import { type TextSettings, textSettings } from "./settings.ts";
import { openTagging, sentenceSpans } from "./tagging.ts";
import type { TextInput } from "./text-input.ts";

/** A word with its tag; `text` is units `start .. end) of the input. */
export interface TaggedToken extends Token {
  readonly tag: string;
  /** The probability that the model gives this tag, 0 to 1. */
  readonly score: number;
}

/** A text, tagged. */
export interface TaggedText {
  readonly tokens: readonly TaggedToken[];
  /** Where its sentences are. */
  readonly sentences: readonly Span[];
}

/**
 * `text/upos`: parts of speech of English text. An input is a text, which is cut as `tokenize` cuts it, or the words of one
 * sentence, whose offsets are those in the words with one space between them. A text has any length: sentences longer
 * than `settings.longest` are seen in windows, as `windowsOf` says, and every word gets one tag.
 */
export const upos: Modality<TextInput, TaggedText, "position-labels", TextSettings> = {
  name: "text/upos",
  head: "position-labels",
  settings: textSettings,
  open: (files, settings, signal) =>
    openTagging("text/upos", files, settings, signal, (text, labels) => ({
      tokens: text.tokens.map((token, i): TaggedToken => {
        const probabilities = text.probabilities[i]!;
        const best = largestOf(probabilities);
        return { ...token, tag: labels[best]!, score: probabilities[best]! };
      }),
      sentences: sentenceSpans(text),
    })),
};
