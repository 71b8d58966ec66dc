// From a treebank's sentence back to the text that it stands for, with the offsets of its words.

import { commentOf, type ConlluSentence, type ConlluWord } from "./conllu.ts";
import type { Span } from "../span.ts";

/** The text of some sentences and where its words are. */
export interface ConlluText {
  readonly text: string;
  /** In order. Words of a token that do not make it up letter by letter (`zum` = `zu dem`) share the token's span. */
  readonly words: readonly (ConlluWord & Span)[];
  /** One per sentence. */
  readonly sentences: readonly Span[];
}

/**
 * The text that sentences were made from, by their forms and `SpaceAfter=No`: sentences follow each other as their last
 * words say, and a new paragraph or document (`# newpar`, `# newdoc`) begins after a blank line.
 *
 * @example
 * conlluText(readConllu(file)).text; // "I don't know."
 */
export function conlluText(sentences: readonly ConlluSentence[]): ConlluText {
  const pieces: string[] = [];
  const words: (ConlluWord & Span)[] = [];
  const spans: Span[] = [];
  let length = 0;
  let gap = "";
  const add = (piece: string): Span => {
    pieces.push(piece);
    length += piece.length;
    return { start: length - piece.length, end: length };
  };
  for (const sentence of sentences) {
    const newParagraph = commentOf(sentence, "newpar") !== undefined || commentOf(sentence, "newdoc") !== undefined;
    if (length > 0) add(newParagraph ? "\n\n" : gap);
    const start = length;
    let end = start;
    gap = "";
    const { ranges } = sentence;
    let next = 0;
    for (let i = 0; i < sentence.words.length;) {
      add(gap);
      const range = ranges[next]?.from === i ? ranges[next++] : undefined;
      const parts = sentence.words.slice(i, range?.end ?? i + 1);
      const token = range ?? parts[0]!;
      const span = add(token.form);
      for (const part of spansOf(parts, token.form, span.start)) words.push(part);
      gap = /(?:^|\|)SpaceAfter=No(?:\||$)/u.test(token.misc) ? "" : " ";
      end = length;
      i += parts.length;
    }
    spans.push({ start, end });
  }
  return { text: pieces.join(""), words, sentences: spans };
}

/** The sentences of each document, which a comment `# newdoc` begins; what stands before the first one is a document too. */
export function documentsOf(sentences: readonly ConlluSentence[]): ConlluSentence[][] {
  const documents: ConlluSentence[][] = [];
  for (const sentence of sentences) {
    if (documents.length === 0 || commentOf(sentence, "newdoc") !== undefined) documents.push([]);
    documents.at(-1)!.push(sentence);
  }
  return documents;
}

function spansOf(parts: readonly ConlluWord[], form: string, start: number): (ConlluWord & Span)[] {
  const written = parts.map((part) => part.form).join("") === form;
  let from = start;
  return parts.map((part) => {
    const end = written ? from + part.form.length : start + form.length;
    const word = { ...part, start: from, end };
    if (written) from = end;
    return word;
  });
}
