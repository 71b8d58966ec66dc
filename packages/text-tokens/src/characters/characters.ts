// Text without spaces between words, as Chinese: its positions are characters, and words are what a model makes of them.

import type { Token, TokenizedText } from "../tokenizer/token.ts";
import { nextRun } from "../tokenizer/split-words.ts";

/** Ends a sentence, with what closes after it. */
const sentenceEnd = /^[。！？!?；;]$/u;
const closing = /^[”’」』）)》〉"']$/u;

/** A character: a code point with the marks on it. A lone surrogate counts as one. */
const character = /[^](?:\p{M}|\u200D)*/gu;

/**
 * The characters of a text that can be seen, in sentences, which end after 。！？； and at line ends. `text.slice(start, end)`
 * is each one's text.
 *
 * @example
 * charactersOf("我 看。").tokens.map((token) => token.text); // ["我", "看", "。"]
 */
export function charactersOf(text: string): TokenizedText {
  const tokens: Token[] = [];
  const offsets = [0];
  const endSentence = (): void => {
    if (offsets.at(-1)! < tokens.length) offsets.push(tokens.length);
  };
  let ended = false;
  for (let at = 0; ;) {
    const { start, end } = nextRun(text, at);
    if (/[\n\r\u2028\u2029]/u.test(text.slice(at, start))) endSentence();
    if (start === end) break;
    let from = start;
    for (const [part] of text.slice(start, end).matchAll(character)) {
      if (ended && !closing.test(part) && !sentenceEnd.test(part)) endSentence();
      ended = sentenceEnd.test(part) || (ended && closing.test(part));
      tokens.push({ text: part, start: from, end: from + part.length });
      from += part.length;
    }
    at = end;
  }
  endSentence();
  return { text, tokens, sentences: Int32Array.from(offsets) };
}

/**
 * The characters of words that are given, as one sentence of a text in which the words follow each other, and which of them
 * begin a word. Throws `RangeError` for a word without characters.
 */
export function charactersOfWords(words: readonly string[]): TokenizedText & { readonly begins: readonly boolean[] } {
  const tokens: Token[] = [];
  const begins: boolean[] = [];
  let at = 0;
  words.forEach((word, i) => {
    if (word === "") throw new RangeError(`Cannot read input: a word must have characters, word ${i} has none`);
    const start = at;
    for (const [part] of word.matchAll(character)) {
      begins.push(at === start);
      tokens.push({ text: part, start: at, end: at + part.length });
      at += part.length;
    }
  });
  const sentences = Int32Array.from(tokens.length > 0 ? [0, tokens.length] : [0]);
  return { text: words.join(""), tokens, sentences, begins };
}
