// Other numbers of rows and columns: a triangle filter along each axis, whose width grows with the scale where the image
// shrinks, so that each result is a weighted mean of all pixels under it and nothing flickers. Enlarging, that is bilinear
// interpolation between the centres of pixels; at the borders the filter is cut off and weighed anew. The same as
// `Image.resize(..., BILINEAR)` of Pillow (libImaging/Resample.c) and `interpolate(mode="bilinear", antialias=True)` of
// PyTorch.

import type { Raster } from "./raster.ts";

/** Which pixels along an axis go into each of the results, and how much. */
interface AxisFilter {
  /** The first pixel of each result, and the end [count]. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Their weights, which sum to 1, `taps` for each result. */
  readonly weights: Float64Array;
  readonly taps: number;
}

/** Reads row y of a source into `row` [width · channels]. */
export type RowReader = (y: number, row: Float32Array) => void;

/**
 * `raster` with other numbers of rows and columns; itself where they are those that it has. Throws `RangeError` unless they
 * are integers >= 1.
 */
export function resize(raster: Raster, rows: number, columns: number): Raster {
  const { values, width, height, channels } = raster;
  if (rows === height && columns === width) return raster;
  return resizeRows(
    { width, height, channels, readRow: (y, row) => row.set(values.subarray(y * row.length, (y + 1) * row.length)) },
    rows,
    columns,
  );
}

/** Rows that are read one at a time. */
interface RowSource extends Omit<Raster, "values"> {
  readonly readRow: RowReader;
}

/** The same from rows that are read one at a time, so that a large image is never there as numbers. */
export function resizeRows(source: RowSource, rows: number, columns: number): Raster {
  const { width, height, channels, readRow } = source;
  for (const [name, count] of [["rows", rows] as const, ["columns", columns] as const]) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new RangeError(`Cannot resize an image: ${name} must be an integer >= 1, it is ${String(count)}`);
    }
  }
  if (rows === height && columns === width) return readRaster(source);
  const along = axisFilter(width, columns);
  const down = axisFilter(height, rows);
  const row = new Float32Array(width * channels);
  const narrow = new Float64Array(columns * channels);
  const sums = new Float64Array(rows * columns * channels);
  let firstResult = 0;
  for (let y = 0; y < height; y += 1) {
    readRow(y, row);
    filterRow(row, along, channels, narrow);
    while (firstResult < rows && down.ends[firstResult]! <= y) firstResult += 1;
    for (let r = firstResult; r < rows && down.starts[r]! <= y; r += 1) {
      const weight = down.weights[r * down.taps + y - down.starts[r]!]!;
      const to = r * narrow.length;
      for (let i = 0; i < narrow.length; i += 1) sums[to + i]! += weight * narrow[i]!;
    }
  }
  return { values: Float32Array.from(sums), width: columns, height: rows, channels };
}

function readRaster({ width, height, channels, readRow }: RowSource): Raster {
  const values = new Float32Array(width * height * channels);
  const length = width * channels;
  for (let y = 0; y < height; y += 1) readRow(y, values.subarray(y * length, (y + 1) * length));
  return { values, width, height, channels };
}

function filterRow(
  row: Float32Array,
  { starts, ends, weights, taps }: AxisFilter,
  channels: number,
  into: Float64Array,
): void {
  into.fill(0);
  for (let c = 0, to = 0; c < starts.length; c += 1, to += channels) {
    const start = starts[c]!;
    for (let x = start; x < ends[c]!; x += 1) {
      const weight = weights[c * taps + x - start]!;
      for (let channel = 0; channel < channels; channel += 1)
        into[to + channel]! += weight * row[x * channels + channel]!;
    }
  }
}

/** The triangle of half width max(1, length / count) around the centre of each result. */
function axisFilter(length: number, count: number): AxisFilter {
  const scale = length / count;
  const reach = Math.max(1, scale);
  const taps = Math.min(length, 2 * Math.ceil(reach) + 1);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const weights = new Float64Array(count * taps);
  for (let r = 0; r < count; r += 1) {
    const center = (r + 0.5) * scale;
    const start = Math.max(0, Math.floor(center - reach + 0.5));
    const end = Math.min(length, Math.floor(center + reach + 0.5));
    let sum = 0;
    for (let x = start; x < end; x += 1) {
      const weight = Math.max(0, 1 - Math.abs(x + 0.5 - center) / reach);
      weights[r * taps + x - start] = weight;
      sum += weight;
    }
    for (let x = start; x < end; x += 1) weights[r * taps + x - start]! /= sum;
    starts[r] = start;
    ends[r] = end;
  }
  return { starts, ends, weights, taps };
}
