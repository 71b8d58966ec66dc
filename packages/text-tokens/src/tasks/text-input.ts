// What tasks take: text, or words that somebody has cut already.

import type { Token, TokenizedText } from "../tokenizer/token.ts";
import type { TokenizeOptions, Tokenizer } from "../tokenizer/tokenize.ts";

/** A text, which is cut into words; or the words of one sentence, which are taken as they are. */
export type TextInput = string | readonly string[];

/** About how many words an input has. */
export function wordsOf(input: TextInput): number {
  return typeof input === "string" ? Math.ceil(input.length / unitsPerWord) : input.length;
}

/** Of English text, the blank counted. */
const unitsPerWord = 5;

/** Words of an input; those that were given stand in a text of their own, with `between` between them. */
export function tokensOf(
  input: TextInput,
  tokenize: Tokenizer,
  options: TokenizeOptions,
  between: "" | " " = " ",
): TokenizedText {
  if (typeof input === "string") return tokenize(input, options);
  if (!Array.isArray(input) || !input.every((word) => typeof word === "string")) {
    throw new TypeError("Cannot read input: it must be a text or a list of words, it is neither");
  }
  let at = 0;
  const tokens = input.map((text: string): Token => {
    const start = at;
    at += text.length + between.length;
    return { text, start, end: start + text.length };
  });
  return {
    text: input.join(between),
    tokens,
    sentences: input.length === 0 ? Int32Array.of(0) : Int32Array.of(0, input.length),
  };
}
