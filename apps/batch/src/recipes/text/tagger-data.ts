// Labelled words as numbers: feature rows and labels, and the choice of the rows that a table keeps.

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

/** A sentence as a treebank or a list of entities has it. */
export interface LabelledSentence {
  readonly words: readonly string[];
  /** The labels of its words, for each kind of label. */
  readonly labels: readonly (readonly string[])[];
}

/** A sentence in numbers. */
export interface TaggedSentence {
  readonly words: readonly string[];
  /** Rows of the table [P, T]. */
  readonly ids: Int32Array;
  /** Numbers of the labels by kind; -1 for one that training has not seen. */
  readonly labels: readonly Int32Array[];
}

/** The labels of a kind, in the order of their numbers. */
export interface LabelKind {
  /** Of its head, if it is an auxiliary one. */
  readonly name: string;
  readonly labels: readonly string[];
}

/** A sentence of a treebank with tags of three kinds: universal, of the treebank, and features. */
export function treebankSentence({ words }: ConlluSentence): LabelledSentence {
  return {
    words: words.map(({ form }) => form),
    labels: [words.map(({ upos }) => upos), words.map(({ xpos }) => xpos), words.map(({ feats }) => feats)],
  };
}

/** The labels that `sentences` have, by kind. */
export function labelKinds(names: readonly string[], sentences: readonly LabelledSentence[]): LabelKind[] {
  return names.map((name, kind) => ({
    name,
    labels: [...new Set(sentences.flatMap(({ labels }) => labels[kind]!))].toSorted(),
  }));
}

/** The rows of the wide table that `sentences` ask for at least twice, at most `most` of them. */
export function tableRows(
  features: WordFeatureConfig,
  sentences: readonly LabelledSentence[],
  most: number,
): Int32Array {
  const featurizer = wordFeaturizer(features);
  return chooseRows(
    sentences.map(({ words }) => featurizer.featuresOf(words)),
    { most },
  );
}

/** `sentences` in numbers, for a table of `rows`. */
export function numberSentences(
  features: WordFeatureConfig,
  sentences: readonly LabelledSentence[],
  rows: Int32Array,
  kinds: readonly LabelKind[],
): TaggedSentence[] {
  const featurizer: WordFeaturizer = keepRows(wordFeaturizer(features), rows);
  const numbers = kinds.map(({ labels }) => new Map(labels.map((label, number) => [label, number])));
  return sentences.map(({ words, labels }) => ({
    words,
    ids: featurizer.featuresOf(words),
    labels: labels.map((own, kind) => Int32Array.from(own, (label) => numbers[kind]!.get(label) ?? -1)),
  }));
}
