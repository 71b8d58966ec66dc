// The texts that `saccade start` attends over. They are ours.

/** Two words that look alike and are not. */
export const sentence = "I saw a saw";

/** Sentences of different lengths, most with a word that stands in them twice. */
export const samples: readonly string[] = [
  sentence,
  "The old man the boat.",
  "Will Will will Will's will to Will?",
  "Time flies like an arrow; fruit flies like a banana.",
  "That that is, is; that that is not, is not; is that it? It is.",
  "The horse raced past the barn fell, and the one who rode it fell with the horse.",
  "Bats hang.",
];
