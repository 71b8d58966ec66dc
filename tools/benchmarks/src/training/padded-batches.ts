// How a batch of sentences becomes arrays of one shape, for libraries that have no ragged ones: sentences of about one
// length together, each padded to the longest of them, or several sentences packed into one row of a fixed length.
import type { HostArray } from "../contestant.ts";
import { config, type LabelledBatch, labels } from "./encoder-problem.ts";

/** Rows of the ragged batch, each at a place of a padded array. */
export interface PaddedBatch {
  /** B. */
  readonly sets: number;
  /** T. */
  readonly positions: number;
  /** The row of the ragged batch at each place, -1 for padding: [B · T]. */
  readonly rowAt: Int32Array;
  /** What stands at each place and sees its like alone: the number of a sentence, -1 for padding: [B · T]. */
  readonly sentenceAt: Int32Array;
}

/** Sentences by length, those up to each of `bounds` (ascending, the last at least the longest) padded to it. */
export function bucketsOf({ offsets }: LabelledBatch, bounds: readonly number[]): PaddedBatch[] {
  const buckets = bounds.map((): number[] => []);
  for (let n = 0; n + 1 < offsets.length; n++) {
    const length = offsets[n + 1]! - offsets[n]!;
    const bucket = bounds.findIndex((bound) => bound >= length);
    if (bucket < 0) {
      throw new RangeError(
        `Cannot put sentences in buckets: the last bound must be at least the longest sentence, ${length}, it is ${bounds.at(-1)}`,
      );
    }
    buckets[bucket]!.push(n);
  }
  return buckets.flatMap((sentences, i) =>
    sentences.length === 0
      ? []
      : place(
          sentences.map((n) => [n]),
          bounds[i]!,
          offsets,
        ),
  );
}

/** Sentences one after another in rows of `positions`, the longest first, each in the first row with room for it. */
export function packed({ offsets }: LabelledBatch, positions: number): PaddedBatch {
  const lengthOf = (n: number): number => offsets[n + 1]! - offsets[n]!;
  const order = Array.from({ length: offsets.length - 1 }, (_, n) => n).sort((a, b) => lengthOf(b) - lengthOf(a));
  const rows: number[][] = [];
  const room: number[] = [];
  for (const n of order) {
    let row = room.findIndex((left) => left >= lengthOf(n));
    if (row < 0) {
      row = rows.push([]) - 1;
      room.push(positions);
    }
    rows[row]!.push(n);
    room[row]! -= lengthOf(n);
  }
  return place(rows, positions, offsets);
}

function place(rows: readonly (readonly number[])[], positions: number, offsets: Int32Array): PaddedBatch {
  const rowAt = new Int32Array(rows.length * positions).fill(-1);
  const sentenceAt = rowAt.slice();
  for (const [set, sentences] of rows.entries()) {
    let at = set * positions;
    for (const n of sentences) {
      for (let row = offsets[n]!; row < offsets[n + 1]!; row++, at++) {
        if (at >= (set + 1) * positions)
          throw new RangeError(`Cannot pack sentences: each must have at most ${positions} words`);
        rowAt[at] = row;
        sentenceAt[at] = n;
      }
    }
  }
  return { sets: rows.length, positions, rowAt, sentenceAt };
}

/** The rows [B · T, W], zeros for padding. */
export function paddedRows({ rowAt }: PaddedBatch, { rows }: LabelledBatch): HostArray {
  const padded = new Float32Array(rowAt.length * config.width);
  for (const [at, row] of rowAt.entries()) {
    if (row >= 0) padded.set(rows.subarray(row * config.width, (row + 1) * config.width), at * config.width);
  }
  return padded;
}

/** What is added to scores [B, T, T]: 0 within a sentence, -1e9 elsewhere; padding sees padding, so that no row is without a key. */
export function paddedBias({ sets, positions, sentenceAt }: PaddedBatch): HostArray {
  const bias = new Float32Array(sets * positions * positions);
  for (let query = 0; query < sets * positions; query++) {
    const first = query - (query % positions);
    for (let key = 0; key < positions; key++) {
      if (sentenceAt[first + key] !== sentenceAt[query]) bias[query * positions + key] = -1e9;
    }
  }
  return bias;
}

/** Targets [B · T, L] whose product with the negative logarithms of probabilities is the loss: zeros for padding. */
export function paddedTargets({ rowAt }: PaddedBatch, batch: LabelledBatch, counts?: Float32Array): HostArray {
  const total = counts ? counts.reduce((sum, count) => sum + count, 0) : batch.labels.length;
  const targets = new Float32Array(rowAt.length * labels);
  for (const [at, row] of rowAt.entries()) {
    if (row >= 0) targets[at * labels + batch.labels[row]!] = (counts?.[row] ?? 1) / total;
  }
  return targets;
}
