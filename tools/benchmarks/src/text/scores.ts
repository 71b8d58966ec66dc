// How often taggers are right: on words that are cut already, and on text of which they make the words themselves.
import { type ConlluSentence, sumScores, taggingScores } from "@saccade/text-tokens";
import { documentTexts } from "./english-data.ts";
import type { EnglishTagger } from "./taggers/tagger.ts";

/** Shares from 0 to 1. */
export interface TaggerScores {
  /** Of all gold words those that got their tag. */
  readonly goldWords: number;
  /** F1 of words with the right characters and tag, on text. */
  readonly rawText: number;
  /** F1 of words with the right characters. */
  readonly splitting: number;
}

/**
 * Scores `tagger` on `sentences`. One that takes text alone gets the gold words with a blank between them, and each of these
 * has the tag of the word that it finds at its first character.
 */
export async function scoreTagger(tagger: EnglishTagger, sentences: readonly ConlluSentence[]): Promise<TaggerScores> {
  const documents = documentTexts(sentences);
  const found = await tagger.label(documents.map(({ text }) => text));
  const scores = documents.map((gold, n) => taggingScores(gold, { text: gold.text, words: found[n]!, sentences: [] }));
  const tags = await (tagger.tagWords ?? tagJoined(tagger))(
    sentences.map(({ words }) => words.map(({ form }) => form)),
  );
  return {
    goldWords: shareOfRight(tags, sentences),
    rawText: sumScores(scores.map(({ labels }) => labels)).f1,
    splitting: sumScores(scores.map(({ words }) => words)).f1,
  };
}

function tagJoined(tagger: EnglishTagger): NonNullable<EnglishTagger["tagWords"]> {
  return async (sentences) => {
    const found = await tagger.label(sentences.map((words) => words.join(" ")));
    return sentences.map((words, n) => {
      let at = 0;
      return words.map((word) => {
        const start = at;
        at += word.length + 1;
        return found[n]!.find((one) => one.start <= start && start < one.end)?.label ?? "";
      });
    });
  };
}

function shareOfRight(tags: readonly (readonly string[])[], sentences: readonly ConlluSentence[]): number {
  let [right, all] = [0, 0];
  for (const [n, { words }] of sentences.entries()) {
    for (const [i, { upos }] of words.entries()) {
      all += 1;
      if (tags[n]![i] === upos) right += 1;
    }
  }
  return right / all;
}
