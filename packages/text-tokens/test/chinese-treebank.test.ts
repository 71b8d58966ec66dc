// The way from words to characters and back, over Universal Dependencies' Chinese GSD treebank in simplified characters.

import { expect, test } from "vitest";
import { charactersOf, charactersOfWords, jointLabels, jointWords, readLabelledTokens } from "../src/index.ts";
import { sharedData } from "./shared-data.ts";

test("jointWords() gives back every sentence of the treebank from the labels of its characters", (context) => {
  const sentences = readLabelledTokens(sharedData("ud-chinese-gsd/simplified.dev.tsv", context));
  expect(sentences).toHaveLength(500);
  const labels = [...new Set(sentences.flatMap(({ labels: tags }) => tags.flatMap((tag) => [`B-${tag}`, `I-${tag}`])))];
  for (const { tokens: words, labels: tags } of sentences) {
    const { text, tokens } = charactersOfWords(words);
    expect(charactersOf(text).tokens).toEqual(tokens);
    const counts = words.map((word) => charactersOfWords([word]).tokens.length);
    const gold = jointLabels(counts, tags);
    const scored = tokens.map((token, i) => ({
      ...token,
      probabilities: labels.map((label) => (label === gold[i] ? 1 : 0)),
    }));
    expect(jointWords(text, scored, labels).map(({ text: word, tag }) => [word, tag])).toEqual(
      words.map((word, w) => [word, tags[w]]),
    );
  }
});
