// Words and how good or bad they are, from a list that others made: VADER (Hutto and Gilbert 2014, "VADER: A Parsimonious
// Rule-based Model for Sentiment Analysis of Social Media Text"; npm vader-sentiment, Apache-2.0). It is read when a model is
// trained, and what is used of it goes into its configuration.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Words and their scores, integers from -4 to 4. */
export interface Lexicon {
  readonly words: readonly string[];
  readonly scores: readonly number[];
}

/** Licence and notice of the list, which go with a model that has its words. */
export function lexiconLicence(): Readonly<Record<string, Uint8Array>> {
  return { "vader-LICENSE.txt": readFileSync(fileOf("LICENSE")), "vader-NOTICE.txt": readFileSync(fileOf("NOTICE")) };
}

/** The words of letters alone, lower-cased, in the order of their UTF-16 units. */
export function sentimentLexicon(): Lexicon {
  const found = new Map<string, number>();
  for (const line of readFileSync(fileOf("vader_lexicon.txt"), "utf8").split("\n")) {
    const [word, score] = line.split("\t");
    if (word !== undefined && score !== undefined) found.set(word, Number(score));
  }
  const kept = [...found]
    .map(([word, score]) => [word, Math.max(-4, Math.min(4, Math.round(score)))] as const)
    .filter(([word, score]) => /^[a-z][a-z'-]*$/.test(word) && score !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { words: kept.map(([word]) => word), scores: kept.map(([, score]) => score) };
}

function fileOf(name: string): string {
  return createRequire(import.meta.url).resolve(`vader-sentiment/${name}`);
}
