// Batches of ragged sets, cut by positions: what a batch costs follows from its rows, not from its sets.

import { randomStream, type RandomStream } from "@saccade/attention-core";

/** How to make batches. */
export interface BatchOptions {
  /** The most positions in a batch; a set that has more is a batch by itself. */
  readonly positions: number;
  /** The most sets in a batch; default: no limit. */
  readonly sets?: number;
  readonly seed: number;
  /**
   * Batches whose sets are sorted by length before they are cut, so that sets of a batch are alike; default 1, none.
   * Rows are never padded, so this is for patterns whose cost grows with the square of the length.
   */
  readonly bucket?: number;
}

/**
 * The batches of each epoch, as numbers of sets: a function of the epoch, counted from 0, and of the seed alone.
 * `lengths` [N] are the positions of each set. Every set is in one batch of an epoch.
 *
 * @example
 * const batches = shuffledBatches(sentences.map(({ words }) => words.length), { positions: 2000, seed: 1 });
 * for (const numbers of batches(0)) train(Array.from(numbers, (n) => sentences[n]));
 */
export function shuffledBatches(lengths: ArrayLike<number>, options: BatchOptions): (epoch: number) => Int32Array[] {
  const { positions, sets = Infinity, seed, bucket = 1 } = options;
  for (const [name, value] of Object.entries({ positions, sets, bucket })) {
    if (!(value >= 1)) throw new RangeError(`Cannot make batches: ${name} must be >= 1, it is ${value}`);
  }
  return (epoch) => {
    const random = randomStream(seed, `epoch ${epoch}`);
    const order = shuffle(
      Int32Array.from({ length: lengths.length }, (_, set) => set),
      random,
    );
    if (bucket === 1) return cut(order, lengths, positions, sets);
    const batches = cut(order, lengths, positions * bucket, sets * bucket).flatMap((pool) =>
      cut(
        pool.toSorted((a, b) => lengths[a]! - lengths[b]! || a - b),
        lengths,
        positions,
        sets,
      ),
    );
    const places = shuffle(
      Int32Array.from({ length: batches.length }, (_, place) => place),
      random,
    );
    return Array.from(places, (place) => batches[place]!);
  };
}

function cut(order: Int32Array, lengths: ArrayLike<number>, positions: number, sets: number): Int32Array[] {
  const batches: Int32Array[] = [];
  let start = 0;
  let held = 0;
  for (let i = 0; i < order.length; i += 1) {
    const length = lengths[order[i]!]!;
    if (i > start && (held + length > positions || i - start >= sets)) {
      batches.push(order.slice(start, i));
      start = i;
      held = 0;
    }
    held += length;
  }
  if (start < order.length) batches.push(order.slice(start));
  return batches;
}

/** Fisher and Yates, from the end, in place. */
function shuffle(values: Int32Array, random: RandomStream): Int32Array {
  for (let i = values.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random.uniform() * (i + 1));
    const value = values[i]!;
    values[i] = values[other]!;
    values[other] = value;
  }
  return values;
}
