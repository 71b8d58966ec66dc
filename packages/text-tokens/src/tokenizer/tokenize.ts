// English text to sentences of words.

import { abbreviationTable } from "./abbreviations.ts";
import { endsSentence, type Gap } from "./sentence-end.ts";
import { nextRun, runSplitter } from "./split-words.ts";
import type { Token, TokenizedText } from "./token.ts";

/** How a text is cut. */
export interface TokenizeOptions {
  /** "split" (default): into sentences. "one": the text is one sentence. */
  readonly sentences?: "split" | "one";
  /** What ends a sentence whatever stands before it: a blank line (default), or every line end. */
  readonly paragraphs?: "blank-lines" | "lines";
}

/** Cuts texts. Remembers the runs of characters that it has cut, up to a bound. */
export type Tokenizer = (text: string, options?: TokenizeOptions) => TokenizedText;

/**
 * The words and sentences of an English text, cut as in Universal Dependencies' English data: contractions (`do n't`,
 * `John 's`, `can not`), punctuation, hyphenated words (`well - known`, but `non-stop`) and units (`5 pm`) apart; links,
 * addresses, numbers, abbreviations and emoji whole. `text.slice(start, end)` is each token's text, whatever the input.
 * For many texts make a `tokenizer` once.
 *
 * @example
 * tokenize("I don't know.").tokens.map((token) => token.text); // ["I", "do", "n't", "know", "."]
 */
export function tokenize(text: string, options?: TokenizeOptions): TokenizedText {
  return tokenizer()(text, options);
}

/** A tokenizer that remembers; see `tokenize`. */
export function tokenizer(): Tokenizer {
  const abbreviations = abbreviationTable();
  const splitRun = runSplitter(abbreviations);
  return (text, { sentences = "split", paragraphs = "blank-lines" } = {}) => {
    const words: Token[] = [];
    const gaps: Gap[] = [];
    for (let at = 0; ;) {
      const { start, end } = nextRun(text, at);
      if (start === end) break;
      let gap: Gap = start === at ? "none" : gapOf(text, at, start, paragraphs);
      let from = start;
      for (const length of splitRun(text.slice(start, end))) {
        const to = start + length;
        words.push({ text: text.slice(from, to), start: from, end: to });
        gaps.push(gap);
        gap = "none";
        from = to;
      }
      at = end;
    }
    const inText = { tokens: words, gaps, abbreviations };
    const tokens: Token[] = [];
    const offsets = [0];
    words.forEach((word, i) => {
      const ends = i + 1 === words.length || (sentences === "split" && endsSentence(inText, i));
      if (ends && /\p{L}\.$/u.test(word.text)) tokens.push(...withoutPeriod(word));
      else tokens.push(word);
      if (ends) offsets.push(tokens.length);
    });
    return { text, tokens, sentences: Int32Array.from(offsets) };
  };
}

/** The period of an abbreviation at the end of a sentence is the sentence's. */
function withoutPeriod({ text, start, end }: Token): [Token, Token] {
  return [
    { text: text.slice(0, -1), start, end: end - 1 },
    { text: ".", start: end - 1, end },
  ];
}

function gapOf(text: string, from: number, to: number, paragraphs: "blank-lines" | "lines"): Gap {
  let lines = 0;
  for (let i = from; i < to; i += 1) {
    const unit = text.charCodeAt(i);
    const isReturn = unit === 0x0d && text.charCodeAt(i + 1) !== 0x0a;
    if (unit === 0x0a || unit === 0x2028 || isReturn) lines += 1;
    else if (unit === 0x0c || unit === 0x2029) lines += 2;
  }
  return lines >= (paragraphs === "lines" ? 1 : 2) ? "paragraph" : "blank";
}
