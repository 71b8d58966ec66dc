// What sentiment sees of a word: the word, it and the one before, its first and last letters, what a list says of it, and
// whether a negation turns it around.

import type { Negation, WordFeatureConfig } from "@saccade/text-tokens";
import { sentimentLexicon } from "./lexicon.ts";

const negation: Negation = {
  words: [
    "not",
    "n't",
    "no",
    "never",
    "nothing",
    "none",
    "nor",
    "neither",
    "without",
    "hardly",
    "barely",
    "nowhere",
    "nobody",
  ],
  ends: [".", ",", "!", "?", ";", ":", "but"],
  reach: 4,
};

/** Of hashed features: so many that hardly two share a row; `chooseRows` keeps those that occur. */
const rows = 1 << 20;

/** The features of `text/sentiment`, with the words of the lists in them. */
export function sentimentFeatures(): WordFeatureConfig {
  const lexicon = sentimentLexicon();
  return [
    { kind: "word", form: "lower", vocabulary: [], hashRows: rows },
    { kind: "word-ngram", form: "lower", length: 2, rows },
    { kind: "prefix", form: "lower", length: 4, rows },
    { kind: "suffix", form: "lower", length: 3, rows },
    { kind: "lexicon", form: "lower", ...lexicon, signs: true, negation },
    { kind: "negated-word", form: "lower", negation, rows },
  ];
}
