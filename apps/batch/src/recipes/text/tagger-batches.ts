// Batches of tagged sentences, in the order of training and in their own.

import type { Features, ModelConfig, RandomStream } from "@saccade/attention-core";
import type { TaggedSentence } from "./tagger-data.ts";

/** Sentences as one batch: features [P, T], and labels [P] of each kind. */
export interface TaggedBatch {
  readonly features: Features;
  readonly labels: readonly Int32Array[];
}

/** The sentences of these numbers as one batch. */
export function gather(
  sentences: readonly TaggedSentence[],
  numbers: Int32Array,
  pattern: Features["pattern"],
): TaggedBatch {
  const chosen = Array.from(numbers, (n) => sentences[n]!);
  const offsets = new Int32Array(chosen.length + 1);
  chosen.forEach(({ words }, n) => (offsets[n + 1] = offsets[n]! + words.length));
  const kinds = chosen[0]?.labels.length ?? 0;
  return {
    features: { offsets, pattern, values: joined(chosen.map(({ ids }) => ids)) },
    labels: Array.from({ length: kinds }, (_, kind) => joined(chosen.map(({ labels }) => labels[kind]!))),
  };
}

/** A teacher's probabilities [P, L] for the sentences of these numbers, one after another. */
export function gatherTeacher(teacher: readonly Float32Array[], numbers: Int32Array): Float32Array {
  const parts = Array.from(numbers, (n) => teacher[n]!);
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The numbers of all sentences in their order, in batches of about 4,000 words. */
export function inOrder(sentences: readonly TaggedSentence[]): Int32Array[] {
  const batches: Int32Array[] = [];
  let [first, words] = [0, 0];
  for (let n = 0; n < sentences.length; n += 1) {
    words += sentences[n]!.words.length;
    if (words < 4000 && n + 1 < sentences.length) continue;
    batches.push(Int32Array.from({ length: n + 1 - first }, (_, i) => first + i));
    [first, words] = [n + 1, 0];
  }
  return batches;
}

/** T, the ids of a position. */
export function columnsOf({ input }: ModelConfig): number {
  return input.kind === "embeddings" ? input.columns : input.width;
}

/** Hides a share of the words: sets the columns `hidden` of their ids [P, T] to -1. */
export function hideWords(
  ids: Int32Array,
  columns: number,
  hidden: readonly number[],
  share: number,
  random: RandomStream,
): void {
  for (let first = 0; first < ids.length; first += columns) {
    if (random.uniform() >= share) continue;
    for (const column of hidden) ids[first + column] = -1;
  }
}
