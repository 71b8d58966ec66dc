// Which words get a row of their own.

import { type WordForm, wordInForm } from "./word-form.ts";

/** What a word must be to have a row. */
export interface VocabularyOptions {
  readonly form: WordForm;
  /** How often it must occur; default 2. */
  readonly minimumCount?: number;
  /** How many words there are at most, the most frequent ones; default no limit. */
  readonly most?: number;
}

/**
 * The words of sentences, most frequent first, words of one count in the order of their UTF-16 units; so that the same
 * sentences give the same list everywhere.
 *
 * @example
 * vocabularyOf([["the", "cat"], ["The", "dog"]], { form: "lower" }); // ["the"]
 */
export function vocabularyOf(sentences: Iterable<readonly string[]>, options: VocabularyOptions): string[] {
  const { form, minimumCount = 2, most = Infinity } = options;
  const counts = new Map<string, number>();
  for (const words of sentences) {
    for (const word of words) {
      const key = wordInForm(word, form);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count >= minimumCount)
    .toSorted(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word);
}
