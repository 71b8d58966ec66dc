// Tables for `unfold`: which rows of the input lie side by side in each row of the result. `unfold` and then `linear`
// is a convolution; with stride = size it cuts patches. Weights of `linear` are [T · W, O], the taps in the order of
// the table.

import { checkOffsets } from "./ragged.ts";

/** Which rows go into each row of the result, and how those belong to sets. */
export interface Windows {
  /** [R, T], flat: row numbers counted through all sets, -1 for padding. */
  readonly windows: Int32Array;
  /** T, the rows in one window. */
  readonly taps: number;
  /** First row of each set of the result, then R: [N + 1]. */
  readonly offsets: Int32Array;
}

/** A window that moves along rows. */
export interface ConvolutionSettings {
  /** Rows in a window. */
  readonly size: number;
  /** Rows from one window to the next. Default 1. */
  readonly stride?: number;
  /** Rows of zeros before each set. Default 0; size - 1 makes the convolution causal. */
  readonly left?: number;
  /** Rows of zeros after each set. Default 0. */
  readonly right?: number;
  /** Rows from one tap to the next. Default 1. */
  readonly dilation?: number;
}

/**
 * The windows of a 1-D convolution over each set alone. A set of length ℓ gives ⌊(ℓ + left + right - span) / stride⌋ + 1
 * of them, the span of a window being dilation · (size - 1) + 1, and none if it is shorter than that. Throws
 * `RangeError` for offsets or settings outside their range.
 *
 * @example
 * const { windows, offsets } = convolutionWindows(Int32Array.of(0, 3), { size: 3, left: 1, right: 1 });
 * windows; // Int32Array [-1, 0, 1,  0, 1, 2,  1, 2, -1]
 */
export function convolutionWindows(offsets: Int32Array, settings: ConvolutionSettings): Windows {
  const action = "make windows";
  checkOffsets(action, "offsets", offsets);
  const { size, stride = 1, left = 0, right = 0, dilation = 1 } = settings;
  checkSettings(action, { size, stride, dilation }, 1);
  checkSettings(action, { left, right }, 0);
  const lengths = Array.from({ length: offsets.length - 1 }, (_, n) => offsets[n + 1]! - offsets[n]!);
  const counts = lengths.map((length) => windowsAlong(length, size, stride, left + right, dilation));
  const result = openWindows(action, counts, size);
  let at = 0;
  lengths.forEach((length, n) => {
    for (let r = 0; r < counts[n]!; r += 1) {
      for (let tap = 0; tap < size; tap += 1, at += 1) {
        const position = r * stride - left + tap * dilation;
        if (position >= 0 && position < length) result.windows[at] = offsets[n]! + position;
      }
    }
  });
  return result;
}

/** The rows of a set as a grid, row by row. */
export type Grid = readonly [rows: number, columns: number];

/** Windows on grids, with the grid that each set of the result is. */
export interface GridWindows extends Windows {
  readonly grids: readonly Grid[];
}

/** A window that moves over a grid; each pair is along rows of the grid, then along columns. */
export interface GridSettings {
  /** Rows and columns of a window. */
  readonly size: readonly [rows: number, columns: number];
  /** From one window to the next. Default 1 and 1. */
  readonly stride?: readonly [rows: number, columns: number];
  /** Zeros above, to the left, below and to the right of each grid (the order of ONNX). Default 0. */
  readonly padding?: readonly [top: number, left: number, bottom: number, right: number];
  /** From one tap to the next. Default 1 and 1. */
  readonly dilation?: readonly [rows: number, columns: number];
}

/**
 * The windows of a 2-D convolution over sets that are grids, taps and windows row by row; patches of p × p are size and
 * stride [p, p]. The sets stand one after another, set n of rows · columns rows. Throws `RangeError` for grids or
 * settings outside their range.
 *
 * @example
 * const { windows, grids } = gridWindows([[2, 4]], { size: [2, 2], stride: [2, 2] });
 * windows; // Int32Array [0, 1, 4, 5,  2, 3, 6, 7]
 * grids; // [[1, 2]]
 */
export function gridWindows(grids: readonly Grid[], settings: GridSettings): GridWindows {
  const action = "make windows on grids";
  const { size, stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1] } = settings;
  const [top, left, bottom, right] = padding;
  checkSettings(action, { "size rows": size[0], "size columns": size[1] }, 1);
  checkSettings(action, { "stride rows": stride[0], "stride columns": stride[1] }, 1);
  checkSettings(action, { "dilation rows": dilation[0], "dilation columns": dilation[1] }, 1);
  checkSettings(action, { top, left, bottom, right }, 0);
  const results = grids.map(([rows, columns], n): Grid => {
    checkSettings(action, { [`rows of grid ${n}`]: rows, [`columns of grid ${n}`]: columns }, 0);
    return [
      windowsAlong(rows, size[0], stride[0], top + bottom, dilation[0]),
      windowsAlong(columns, size[1], stride[1], left + right, dilation[1]),
    ];
  });
  const result = openWindows(
    action,
    results.map(([rows, columns]) => rows * columns),
    size[0] * size[1],
  );
  let first = 0;
  let at = 0;
  grids.forEach(([rows, columns], n) => {
    const [resultRows, resultColumns] = results[n]!;
    for (let r = 0; r < resultRows * resultColumns; r += 1) {
      const windowRow = Math.floor(r / resultColumns) * stride[0] - top;
      const windowColumn = (r % resultColumns) * stride[1] - left;
      for (let y = 0; y < size[0]; y += 1) {
        for (let x = 0; x < size[1]; x += 1, at += 1) {
          const row = windowRow + y * dilation[0];
          const column = windowColumn + x * dilation[1];
          if (row >= 0 && row < rows && column >= 0 && column < columns)
            result.windows[at] = first + row * columns + column;
        }
      }
    }
    first += rows * columns;
  });
  return { ...result, grids: results };
}

/** How many windows fit along an axis; none where the padded axis is shorter than one. */
function windowsAlong(length: number, size: number, stride: number, padding: number, dilation: number): number {
  const span = dilation * (size - 1) + 1;
  return Math.max(0, Math.floor((length + padding - span) / stride) + 1);
}

/** A table of padding alone, to be filled in. */
function openWindows(action: string, counts: readonly number[], taps: number): Windows {
  const offsets = new Int32Array(counts.length + 1);
  let R = 0;
  counts.forEach((count, n) => {
    R += count;
    if (R > 2 ** 31 - 1)
      throw new RangeError(`Cannot ${action}: the result must have fewer than 2³¹ rows, it has at least ${R}`);
    offsets[n + 1] = R;
  });
  return { windows: new Int32Array(R * taps).fill(-1), taps, offsets };
}

function checkSettings(action: string, settings: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`Cannot ${action}: ${name} must be an integer >= ${least}, it is ${String(value)}`);
    }
  }
}
