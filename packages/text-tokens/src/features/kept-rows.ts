// A table of its most useful rows. Features are hashed into ranges so wide that hardly two share a row; then only the rows
// that training data often asks for are kept and numbered anew, and a feature that none of them holds says nothing. This
// tells unknown words from known ones, where a small table of shared rows would mix them.

import { featurizerOf, type WordFeaturizer } from "./word-features.ts";

/** Which rows to keep. */
export interface KeepOptions {
  /** How often a row must be asked for; default 2. */
  readonly minimumCount?: number;
  /** How many rows there are at most, the most frequent ones; default no limit. */
  readonly most?: number;
}

/**
 * The rows that `ids` ask for most, ascending; of rows that are asked for equally often the first ones. Ids below 0 ask
 * for none.
 */
export function chooseRows(ids: Iterable<Int32Array>, options: KeepOptions = {}): Int32Array {
  const { minimumCount = 2, most = Infinity } = options;
  const counts = new Map<number, number>();
  for (const part of ids) {
    for (const id of part) if (id >= 0) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const kept = [...counts]
    .filter(([, count]) => count >= minimumCount)
    .toSorted(([a, countOfA], [b, countOfB]) => countOfB - countOfA || a - b)
    .slice(0, most);
  return Int32Array.from(kept, ([row]) => row).sort();
}

/**
 * `featurizer` with the ids of a table of `rows` [V] alone: the place of each id in `rows`, -1 for an id that is not
 * there. Throws `RangeError` unless `rows` ascend and are rows of the featurizer's layout,
 * and for a featurizer that keeps some rows already.
 */
export function keepRows(featurizer: WordFeaturizer, rows: Int32Array): WordFeaturizer {
  const { layout } = featurizer;
  const whole = layout.ranges.reduce((sum, range) => sum + range.rows, 0);
  if (layout.rows !== whole) {
    throw new RangeError(
      `Cannot keep rows: the featurizer must be of a whole table, ${whole} rows; it has ${layout.rows}`,
    );
  }
  for (let i = 0; i < rows.length; i += 1) {
    const [before, row] = [rows[i - 1] ?? -1, rows[i]!];
    if (row <= before || row >= layout.rows) {
      throw new RangeError(
        `Cannot keep rows: they must ascend from 0 to below ${layout.rows}, row ${i} is ${row} after ${before}`,
      );
    }
  }
  const places = new Map<number, number>();
  rows.forEach((row, place) => places.set(row, place));
  return featurizerOf(layout, rows.length, (row) => places.get(row) ?? -1);
}

/** Bytes of a file that holds `rows` [V] ascending: their differences as LEB128, unsigned, a few bytes for each row. */
export function encodeRows(rows: Int32Array): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let before = 0;
  for (const row of rows) {
    let rest = row - before;
    before = row;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** The rows that `encodeRows` wrote. Throws `RangeError` for bytes that it cannot have written. */
export function decodeRows(bytes: Uint8Array): Int32Array {
  const rows: number[] = [];
  let [row, factor] = [0, 1];
  for (const byte of bytes) {
    row += (byte % 128) * factor;
    factor *= 128;
    if (row > 2 ** 31 - 1 || factor > 2 ** 35) {
      throw new RangeError(`Cannot decode rows: each must be below ${2 ** 31}, row ${rows.length} is not`);
    }
    if (byte < 128) {
      rows.push(row);
      factor = 1;
    }
  }
  if (factor !== 1) throw new RangeError("Cannot decode rows: the last must be whole, its bytes end early");
  return Int32Array.from(rows);
}
