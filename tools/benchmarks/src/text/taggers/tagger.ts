import type { LabelledWord } from "@saccade/text-tokens";

/** Something that finds words in English text and says what part of speech each is. */
export interface EnglishTagger {
  readonly name: string;
  /** What it has learnt from. */
  readonly learntFrom: string;
  /** Words and tags of each text, in the form that it gives them in: what is timed. */
  readonly tag: (texts: readonly string[]) => Promise<readonly unknown[]>;
  /** The same with the tags of Universal Dependencies, and where each word is. */
  readonly label: (texts: readonly string[]) => Promise<readonly (readonly LabelledWord[])[]>;
  /** A tag for each word, of sentences that are cut into words already; left out by one that takes text alone. */
  readonly tagWords?: (sentences: readonly (readonly string[])[]) => Promise<readonly (readonly string[])[]>;
  readonly dispose: () => Promise<void>;
}
