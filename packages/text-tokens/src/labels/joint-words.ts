// Words and their tags from labels of characters: B-NOUN begins a noun, I-NOUN goes on with it. Segmentation and tagging
// are one decision (Ng and Low 2004, "Chinese Part-of-Speech Tagging: One-at-a-Time or All-at-Once?").

import { parseBioLabel } from "./bio.ts";
import type { Token } from "../tokenizer/token.ts";

/** A character with the probability of each label [L]. */
export interface ScoredCharacter extends Token {
  readonly probabilities: ArrayLike<number>;
  /** Whether a word begins here, where that is known. */
  readonly begins?: boolean | undefined;
}

/** A word, its tag, and how probable that is. */
export interface JointWord extends Token {
  readonly tag: string;
  /** The mean probability that its characters are of this tag, 0 to 1. */
  readonly score: number;
}

/**
 * The words of a sentence's characters. A word begins where it is known to, at the first character, after a gap, and
 * where all B labels together are at least as probable as all I labels; its tag is the one most probable over its
 * characters, as B or I. Labels without B- or I- stand for words of one character.
 */
export function jointWords(
  text: string,
  characters: readonly ScoredCharacter[],
  labels: readonly string[],
): JointWord[] {
  const parts = labels.map(parseBioLabel);
  const tags = [...new Set(labels.map((label, l) => (parts[l]!.place === "outside" ? label : parts[l]!.kind)))];
  const tagOfLabel = labels.map((label, l) => tags.indexOf(parts[l]!.place === "outside" ? label : parts[l]!.kind));
  const words: JointWord[] = [];
  let sums = new Float64Array(tags.length);
  let first = 0;
  const close = (end: number): void => {
    if (end === first) return;
    let best = 0;
    for (let t = 1; t < tags.length; t += 1) if (sums[t]! > sums[best]!) best = t;
    const [{ start }, last] = [characters[first]!, characters[end - 1]!];
    words.push({
      text: text.slice(start, last.end),
      start,
      end: last.end,
      tag: tags[best]!,
      score: sums[best]! / (end - first),
    });
    sums = new Float64Array(tags.length);
    first = end;
  };
  characters.forEach((character, i) => {
    let inside = 0;
    for (let l = 0; l < labels.length; l += 1) if (parts[l]!.place === "inside") inside += character.probabilities[l]!;
    const gap = i > 0 && characters[i - 1]!.end < character.start;
    if (character.begins ?? (gap || inside <= 0.5)) close(i);
    for (let l = 0; l < labels.length; l += 1) sums[tagOfLabel[l]!]! += character.probabilities[l]!;
  });
  close(characters.length);
  return words;
}

/**
 * The labels of the characters of words: B-tag for the first one of each, I-tag for the others. `counts` are the characters
 * of each word.
 *
 * @example
 * jointLabels([2, 1], ["NOUN", "VERB"]); // ["B-NOUN", "I-NOUN", "B-VERB"]
 */
export function jointLabels(counts: readonly number[], tags: readonly string[]): string[] {
  if (counts.length !== tags.length) {
    throw new RangeError(
      `Cannot label characters: there must be one tag per word, ${counts.length}; there are ${tags.length}`,
    );
  }
  return counts.flatMap((count, w) => Array.from({ length: count }, (_, i) => `${i === 0 ? "B" : "I"}-${tags[w]!}`));
}
