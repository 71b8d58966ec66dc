import type { Span } from "../span.ts";

/** A word of a text: `text` is UTF-16 units `start .. end)` of it. */
export interface Token extends Span {
  readonly text: string;
}

/** A text in tokens, and the tokens in sentences. */
export interface TokenizedText {
  readonly text: string;
  /** In order, without overlap. */
  readonly tokens: readonly Token[];
  /** Of sentence s the tokens `sentences[s] .. sentences[s + 1])`: [S + 1], ascending; no sentence is empty. */
  readonly sentences: Int32Array;
}
