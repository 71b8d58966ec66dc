// Our splitting against Universal Dependencies' English Web Treebank, as the CoNLL 2018 evaluation compares words. The rules
// were made by looking at its training part; the floors are a little below what they reach on the development part.

import { expect, test } from "vitest";
import {
  commentOf,
  conlluText,
  documentsOf,
  readConllu,
  sumScores,
  type TaggingScores,
  taggingScores,
  tokenizer,
} from "../src/index.ts";
import { sharedData } from "./shared-data.ts";

const file = "ud-english-ewt/en_ewt-ud-dev.conllu";

test("tokenize() cuts the sentences of the treebank into its words", (context) => {
  const sentences = readConllu(sharedData(file, context));
  expect(sentences).toHaveLength(2001);
  expect(sentences.reduce((sum, { words }) => sum + words.length, 0)).toBe(25_147);
  const cut = tokenizer();
  const scores = sentences.map((sentence) => compare([sentence], cut, "one"));
  const { f1 } = sumScores(scores.map(({ words }) => words));
  console.info(`words of EWT dev, sentence by sentence: F1 ${(100 * f1).toFixed(2)}`);
  expect(f1).toBeGreaterThan(0.9925);
});

test("tokenize() finds the sentences of the treebank's documents", (context) => {
  const cut = tokenizer();
  const scores = documentsOf(readConllu(sharedData(file, context))).map((document) => compare(document, cut, "split"));
  const words = sumScores(scores.map((each) => each.words)).f1;
  const sentences = sumScores(scores.map((each) => each.sentences)).f1;
  console.info(
    `EWT dev, whole documents: words F1 ${(100 * words).toFixed(2)}, sentences F1 ${(100 * sentences).toFixed(2)}`,
  );
  expect(words).toBeGreaterThan(0.992);
  expect(sentences).toBeGreaterThan(0.84);
});

test("conlluText() gives back the text of every sentence", (context) => {
  for (const sentence of readConllu(sharedData(file, context))) {
    expect(conlluText([sentence]).text).toBe(commentOf(sentence, "text"));
  }
});

function compare(
  sentences: Parameters<typeof conlluText>[0],
  cut: ReturnType<typeof tokenizer>,
  how: "one" | "split",
): TaggingScores {
  const { text, words, sentences: spans } = conlluText(sentences);
  const found = cut(text, { sentences: how });
  const offsets = found.sentences;
  return taggingScores(
    { text, words: words.map(({ form, start, end }) => ({ form, start, end, label: "" })), sentences: spans },
    {
      text,
      words: found.tokens.map(({ text: form, start, end }) => ({ form, start, end, label: "" })),
      sentences: Array.from(offsets.slice(1), (end, s) => ({
        start: found.tokens[offsets[s]!]!.start,
        end: found.tokens[end - 1]!.end,
      })),
    },
  );
}
