// Sets of different sizes as rows one after another, without padding: the one shape of data inside this project.
// Lists and padded batches are turned into it, and back, at the edge.

/** Rows of N sets end to end: set n owns rows `offsets[n] .. offsets[n + 1])` of `values` [P, W]. */
export interface Ragged {
  /** [P, W], row-major. */
  readonly values: Float32Array;
  /** First row of each set, then P: [N + 1]. */
  readonly offsets: Int32Array;
  /** W, the number of columns. */
  readonly width: number;
}

/** A batch padded to its longest set: `values` [N, longest, W], of which set n fills the first `lengths[n]` rows. */
export interface Padded {
  readonly values: Float32Array;
  readonly shape: readonly [sets: number, longest: number, width: number];
  readonly lengths: Int32Array;
}

const largestOffset = 2 ** 31 - 1;

/**
 * Puts the rows of several sets end to end. Each set is its rows [P, W], flat and row-major. Throws `RangeError` if the
 * length of a set is not a multiple of `width`, or if all of them hold more than 2³¹ - 1 rows.
 *
 * @example
 * const ragged = packRows([[1, 2, 3, 4], [5, 6]], 2);
 * ragged.offsets; // Int32Array [0, 2, 3]
 */
export function packRows(sets: readonly ArrayLike<number>[], width: number): Ragged {
  const action = "pack rows";
  checkWidth(action, width);
  const lengths = sets.map((rows, n) => {
    if (rows.length % width !== 0) {
      throw new RangeError(
        `Cannot ${action}: set ${n} must hold whole rows of ${width} values, has ${rows.length} values`,
      );
    }
    return rows.length / width;
  });
  const offsets = offsetsOf(lengths);
  const values = new Float32Array(offsets[sets.length]! * width);
  sets.forEach((rows, n) => values.set(rows, offsets[n]! * width));
  return { values, offsets, width };
}

/**
 * The rows of each set, copied: N arrays of [P, W]. Throws `RangeError` for offsets that do not fit the values.
 *
 * @example
 * unpackRows({ values: Float32Array.of(1, 2, 3), offsets: Int32Array.of(0, 2, 3), width: 1 }); // [[1, 2], [3]]
 */
export function unpackRows(ragged: Ragged): Float32Array[] {
  const { values, offsets, width } = checkRagged("unpack rows", ragged);
  return Array.from({ length: offsets.length - 1 }, (_, n) =>
    values.slice(offsets[n]! * width, offsets[n + 1]! * width),
  );
}

/**
 * Drops the padding of a batch: `values` is [N, longest, W] as `shape` says, and set n keeps its first `lengths[n]`
 * rows. Throws `RangeError` for a shape that does not fit the values and for lengths outside 0 .. longest.
 *
 * @example
 * fromPadded(Float32Array.of(1, 2, 3, 0), [2, 2, 1], [2, 1]).values; // Float32Array [1, 2, 3]
 */
export function fromPadded(
  values: Float32Array,
  shape: readonly [sets: number, longest: number, width: number],
  lengths: ArrayLike<number>,
): Ragged {
  const action = "convert a padded batch";
  const [sets, longest, width] = shape;
  checkWidth(action, width);
  if (values.length !== sets * longest * width) {
    throw new RangeError(
      `Cannot ${action}: shape [${shape.join(", ")}] must have as many values as given, ${values.length} are given`,
    );
  }
  if (lengths.length !== sets) {
    throw new RangeError(`Cannot ${action}: there must be one length per set, ${sets}; there are ${lengths.length}`);
  }
  const offsets = offsetsOf(lengths);
  const kept = new Float32Array(offsets[sets]! * width);
  for (let n = 0; n < sets; n += 1) {
    const length = lengths[n]!;
    if (length > longest) {
      throw new RangeError(
        `Cannot ${action}: a length must be at most ${longest}, the padded one; set ${n} has ${length}`,
      );
    }
    const from = n * longest * width;
    kept.set(values.subarray(from, from + length * width), offsets[n]! * width);
  }
  return { values: kept, offsets, width };
}

/**
 * Pads every set to `longest` rows (default: the longest set) of `fill` (default 0). Throws `RangeError` if a set is
 * longer than `longest`.
 *
 * @example
 * toPadded({ values: Float32Array.of(1, 2, 3), offsets: Int32Array.of(0, 2, 3), width: 1 }).values; // [1, 2, 3, 0]
 */
export function toPadded(ragged: Ragged, options: { readonly longest?: number; readonly fill?: number } = {}): Padded {
  const action = "pad rows";
  const { values, offsets, width } = checkRagged(action, ragged);
  const lengths = lengthsOf(offsets);
  const actual = lengths.reduce((most, length) => Math.max(most, length), 0);
  const { longest = actual, fill = 0 } = options;
  if (!Number.isSafeInteger(longest) || longest < actual) {
    throw new RangeError(
      `Cannot ${action}: longest must be an integer >= ${actual}, the longest set; it is ${longest}`,
    );
  }
  const padded = new Float32Array(lengths.length * longest * width).fill(fill);
  for (let n = 0; n < lengths.length; n += 1) {
    padded.set(values.subarray(offsets[n]! * width, offsets[n + 1]! * width), n * longest * width);
  }
  return { values: padded, shape: [lengths.length, longest, width], lengths };
}

/**
 * The row offsets [N + 1] of sets with these lengths. Throws `RangeError` for a length that is not an integer >= 0, or
 * if they sum to more than 2³¹ - 1.
 *
 * @example
 * offsetsOf([2, 0, 3]); // Int32Array [0, 2, 2, 5]
 */
export function offsetsOf(lengths: ArrayLike<number>): Int32Array {
  const action = "sum lengths";
  const offsets = new Int32Array(lengths.length + 1);
  let sum = 0;
  for (let n = 0; n < lengths.length; n += 1) {
    const length = lengths[n]!;
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`Cannot ${action}: every length must be an integer >= 0, length ${n} is ${length}`);
    }
    sum += length;
    if (sum > largestOffset) {
      throw new RangeError(
        `Cannot ${action}: all sets together must have at most ${largestOffset} rows, the first ${n + 1} have ${sum}`,
      );
    }
    offsets[n + 1] = sum;
  }
  return offsets;
}

/** The number of rows of each set: [N] of `offsets` [N + 1]. */
export function lengthsOf(offsets: Int32Array): Int32Array {
  return Int32Array.from({ length: offsets.length - 1 }, (_, n) => offsets[n + 1]! - offsets[n]!);
}

/**
 * The position of each row in its set: [P], counting from 0 in every set, or from `starts[n]` in set n where part of
 * it is in a cache already.
 *
 * @example
 * positionsOf(Int32Array.of(0, 2, 5)); // Int32Array [0, 1, 0, 1, 2]
 */
export function positionsOf(offsets: Int32Array, starts?: ArrayLike<number>): Int32Array {
  const action = "count positions";
  checkOffsets(action, "offsets", offsets);
  const sets = offsets.length - 1;
  if (starts !== undefined && starts.length !== sets) {
    throw new RangeError(`Cannot ${action}: there must be one start per set, ${sets}; there are ${starts.length}`);
  }
  const positions = new Int32Array(offsets[sets]!);
  for (let n = 0; n < sets; n += 1) {
    const first = offsets[n]!;
    const start = starts?.[n] ?? 0;
    for (let row = first; row < offsets[n + 1]!; row += 1) positions[row] = start + row - first;
  }
  return positions;
}

/** The set that owns `row`, by bisection; `row` must lie in 0 .. P - 1. */
export function setOfRow(offsets: Int32Array, row: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= row) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Throws unless `offsets` are row offsets: `TypeError` if they are not an Int32Array, `RangeError` unless they start
 * with 0 and never decrease. `action` and `name` go into the message.
 */
export function checkOffsets(action: string, name: string, offsets: Int32Array): void {
  checkInt32Array(action, name, offsets);
  if (offsets.length === 0) {
    throw new RangeError(`Cannot ${action}: ${name} must have at least one entry, it is empty`);
  }
  if (offsets[0] !== 0) {
    throw new RangeError(`Cannot ${action}: ${name} must start with 0, it starts with ${offsets[0]}`);
  }
  for (let n = 1; n < offsets.length; n += 1) {
    if (offsets[n]! < offsets[n - 1]!) {
      throw new RangeError(
        `Cannot ${action}: ${name} must not decrease, entry ${n} is ${offsets[n]} after ${offsets[n - 1]}`,
      );
    }
  }
}

/** Throws `TypeError` unless `values` is an Int32Array, of whichever realm. */
export function checkInt32Array(action: string, name: string, values: Int32Array): void {
  if (kindOf(values) !== "Int32Array") {
    throw new TypeError(`Cannot ${action}: ${name} must be an Int32Array, it is ${kindOf(values)}`);
  }
}

/** What a value is, for error messages and checks that hold across realms: `null`, `number`, `Array`, `Int32Array`. */
export function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function checkWidth(action: string, width: number): void {
  if (!Number.isSafeInteger(width) || width < 1) {
    throw new RangeError(`Cannot ${action}: width must be an integer >= 1, it is ${width}`);
  }
}

function checkRagged(action: string, ragged: Ragged): Ragged {
  const { values, offsets, width } = ragged;
  checkWidth(action, width);
  checkOffsets(action, "offsets", offsets);
  const rows = offsets[offsets.length - 1]!;
  if (values.length !== rows * width) {
    throw new RangeError(
      `Cannot ${action}: values must be [${rows}, ${width}] as offsets and width say, there are ${values.length}`,
    );
  }
  return ragged;
}
