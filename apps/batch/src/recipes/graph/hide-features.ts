// Hiding parts of what a network sees of papers, each time others: whole papers (DropNode of Feng et al. 2020), and words.

import type { RandomStream } from "@saccade/attention-core";

/** Shares that are hidden, 0 <= share < 1. */
export interface HiddenShares {
  readonly nodes: number;
  readonly words: number;
}

/**
 * Sparse features as `graphFeatures` lays them out, node by node how many and then each, without those that are hidden: a
 * hidden node has none.
 */
export function hideFeatures(values: Int32Array, { nodes, words }: HiddenShares, random: RandomStream): Int32Array {
  const left = new Int32Array(values.length);
  let to = 0;
  for (let at = 0; at < values.length;) {
    const end = at + 1 + values[at]!;
    const place = to;
    to += 1;
    if (random.uniform() >= nodes) {
      for (let entry = at + 1; entry < end; entry += 1) {
        if (words > 0 && random.uniform() < words) continue;
        left[to] = values[entry]!;
        to += 1;
      }
    }
    left[place] = to - place - 1;
    at = end;
  }
  return left.slice(0, to);
}

/**
 * For each node of `all` the share of its words that is left in `shown` [P], which `hideFeatures` made of it; 0 for a node
 * without any. A mean over the words that are left, times this, is a sum over them divided by how many there were.
 */
export function shareOfWords(all: Int32Array, shown: Int32Array): Float32Array {
  const shares: number[] = [];
  let other = 0;
  for (let at = 0; at < all.length; at += 1 + all[at]!) {
    shares.push(all[at] === 0 ? 0 : shown[other]! / all[at]!);
    other += 1 + shown[other]!;
  }
  return Float32Array.from(shares);
}
