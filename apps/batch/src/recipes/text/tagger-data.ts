// Tagged sentences as numbers: feature rows and labels, and the choice of the rows that a table keeps.

import {
  chooseRows,
  type ConlluSentence,
  keepRows,
  wordFeaturizer,
  type WordFeatureConfig,
  type WordFeaturizer,
} from "@saccade/text-tokens";

/** Features of words: each hashed into a range so wide that hardly two share a row; `chooseRows` keeps the useful ones. */
export const taggerFeatures: WordFeatureConfig = [
  { kind: "word", form: "folded", vocabulary: [], hashRows: wide() },
  { kind: "word", form: "written", vocabulary: [], hashRows: wide() },
  ...[1, 2, 3, 4].map((length) => ({ kind: "prefix", form: "folded", length, rows: wide() }) as const),
  ...[1, 2, 3, 4, 5].map((length) => ({ kind: "suffix", form: "folded", length, rows: wide() }) as const),
  { kind: "shape", longestRun: 2, rows: wide() },
];

/** Columns of `taggerFeatures` that say which word it is, and nothing of how it is made. */
export const identityColumns: readonly number[] = [0, 1];

function wide(): number {
  return 1 << 20;
}

/** A sentence in numbers. */
export interface TaggedSentence {
  readonly words: readonly string[];
  /** Rows of the table [P, T]. */
  readonly ids: Int32Array;
  /** Numbers of the tags by kind: universal, of the treebank, and features; -1 for one that training has not seen. */
  readonly labels: readonly Int32Array[];
}

/** The labels of a kind, in the order of their numbers. */
export interface LabelKind {
  readonly name: "upos" | "xpos" | "feats";
  readonly labels: readonly string[];
}

/** The labels that `sentences` have, by kind. */
export function labelKinds(sentences: readonly ConlluSentence[]): LabelKind[] {
  return (["upos", "xpos", "feats"] as const).map((name) => ({
    name,
    labels: [...new Set(sentences.flatMap(({ words }) => words.map((word) => word[name])))].toSorted(),
  }));
}

/** The rows of the wide table that `sentences` ask for at least twice, at most `most` of them. */
export function tableRows(sentences: readonly ConlluSentence[], most: number): Int32Array {
  const featurizer = wordFeaturizer(taggerFeatures);
  const ids = sentences.map(({ words }) => featurizer.featuresOf(words.map(({ form }) => form)));
  return chooseRows(ids, { most });
}

/** `sentences` in numbers, for a table of `rows`. */
export function numberSentences(
  sentences: readonly ConlluSentence[],
  rows: Int32Array,
  kinds: readonly LabelKind[],
): TaggedSentence[] {
  const featurizer: WordFeaturizer = keepRows(wordFeaturizer(taggerFeatures), rows);
  const numbers = kinds.map(({ labels }) => new Map(labels.map((label, number) => [label, number])));
  return sentences.map(({ words }) => {
    const forms = words.map(({ form }) => form);
    return {
      words: forms,
      ids: featurizer.featuresOf(forms),
      labels: kinds.map(({ name }, kind) => Int32Array.from(words, (word) => numbers[kind]!.get(word[name]) ?? -1)),
    };
  });
}
