// The texts that `saccade start` tags and judges. They are ours.

/** Two words that look alike and are not. */
export const twins = "I saw a saw";

/** Texts of several kinds: words that are two parts of speech, contractions, an address, emoji, reviews. */
export const samples: readonly string[] = [
  twins,
  "They park the car beside the park.",
  "She can't open the can, and he won't.",
  "You'd better read https://example.org/tea#green before the kettle boils!",
  "Landed in Oslo 🎉 now looking for coffee :)",
  "The soup was wonderful and the waiter made us laugh all evening.",
  "Two hours late, cold chips, and nobody said sorry.",
  "The second half is dull, but I would still watch it again.",
];
