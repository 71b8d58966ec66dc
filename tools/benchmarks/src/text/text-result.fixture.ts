import type { ColdStart, TaggingAccuracy, TaggingSpeed } from "./text-result.ts";

/** Ours beside one that is slower and one that is faster. */
export const exampleSpeed: TaggingSpeed = {
  kind: "tagging-speed",
  name: "text/upos/words-per-second",
  texts: "the 318 documents of a treebank",
  words: 25_147,
  taggers: [
    { name: "saccade", ms: 500, spreadMs: [490, 520], wordsPerSecond: 50_294, firstMs: 700 },
    { name: "wink-nlp", ms: 50, spreadMs: [48, 55], wordsPerSecond: 502_940, firstMs: 90 },
    { name: "compromise", ms: 1000, spreadMs: [980, 1100], wordsPerSecond: 25_147, firstMs: 1500 },
  ],
};

/** Ours beside one that starts sooner. */
export const exampleStart: ColdStart = {
  kind: "cold-start",
  name: "text/upos/cold-start",
  processes: 15,
  taggers: [
    { name: "saccade", ms: 250, spreadMs: [240, 270], parts: { node: 30, import: 60, load: 120, answer: 30 } },
    { name: "wink-nlp", ms: 200, spreadMs: [190, 210], parts: { node: 30, import: 80, load: 80, answer: 1 } },
  ],
};

/** Ours beside one that splits better and tags worse. */
export const exampleAccuracy: TaggingAccuracy = {
  kind: "tagging-accuracy",
  name: "text/accuracy",
  data: "a treebank, 25,147 words",
  taggers: [
    { name: "saccade", learntFrom: "EWT train", goldWords: 0.9537, rawText: 0.9471, splitting: 0.9936 },
    { name: "averaged perceptron", learntFrom: "EWT train", goldWords: 0.9491, rawText: 0.9431, splitting: 0.994 },
  ],
  absent: { "saccade, attention removed": "the model is not here" },
};
