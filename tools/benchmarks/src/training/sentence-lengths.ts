// How long sentences are: 128 quantiles of the words per sentence in the training part of UD English-EWT (12,544 sentences,
// 204,577 words), that is the (i + ½)/128 quantiles in ascending order, as [words, sentences of that length]. 2,078 words.
import { createRandom } from "../random.ts";

const quantiles: readonly (readonly [words: number, sentences: number])[] = [
  [1, 5],
  [2, 7],
  [3, 5],
  [4, 3],
  [5, 5],
  [6, 4],
  [7, 5],
  [8, 4],
  [9, 5],
  [10, 5],
  [11, 5],
  [12, 4],
  [13, 5],
  [14, 4],
  [15, 5],
  [16, 4],
  [17, 4],
  [18, 4],
  [19, 3],
  [20, 4],
  [21, 3],
  [22, 3],
  [23, 3],
  [24, 3],
  [25, 2],
  [26, 2],
  [27, 2],
  [28, 2],
  [29, 2],
  [30, 1],
  [31, 1],
  [32, 2],
  [33, 1],
  [34, 1],
  [35, 1],
  [37, 1],
  [38, 1],
  [39, 1],
  [41, 1],
  [42, 1],
  [45, 1],
  [49, 1],
  [55, 1],
  [68, 1],
];

/** The lengths of 128 sentences, in an order drawn from `seed`. */
export function sentenceLengths(seed: number): Int32Array {
  const random = createRandom(seed);
  const lengths = quantiles.flatMap(([words, sentences]) => Array.from({ length: sentences }, () => words));
  for (let i = lengths.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [lengths[i], lengths[j]] = [lengths[j]!, lengths[i]!];
  }
  return Int32Array.from(lengths);
}
