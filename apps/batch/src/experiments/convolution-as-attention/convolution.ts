// The plain convolution on a grid, in loops with sums in float64: what the construction is held against.

/** A K × K kernel over rows of W columns. */
export interface Kernel {
  /** K, odd. */
  readonly size: number;
  /** W, columns in and out. */
  readonly width: number;
  /** [K, K, W in, W out]. */
  readonly values: Float32Array;
  /** [W]. */
  readonly bias: Float32Array;
}

/** Pixels of a grid, row by row [rows · columns, W]. */
export interface GridRows {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** What lies beyond the edge of a grid: zeros, or the nearest pixel again. */
export type Padding = "zero" | "replicate";

/** The convolution [rows · columns, W] (a cross-correlation, as everywhere in the field). */
export function convolveGrid(image: GridRows, kernel: Kernel, padding: Padding): Float64Array {
  const { rows, columns, values } = image;
  const { size, width, bias } = kernel;
  const reach = (size - 1) / 2;
  const result = new Float64Array(rows * columns * width);
  const within = (place: number, count: number): number => Math.max(0, Math.min(count - 1, place));
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const out = result.subarray((row * columns + column) * width, (row * columns + column + 1) * width);
      out.set(bias);
      for (let tap = 0; tap < size * size; tap += 1) {
        const [y, x] = [row + Math.floor(tap / size) - reach, column + (tap % size) - reach];
        const [nearY, nearX] = [within(y, rows), within(x, columns)];
        if (padding === "zero" && (nearY !== y || nearX !== x)) continue;
        const pixel = (nearY * columns + nearX) * width;
        for (let i = 0; i < width; i += 1) {
          const weights = (tap * width + i) * width;
          for (let o = 0; o < width; o += 1) out[o]! += values[pixel + i]! * kernel.values[weights + o]!;
        }
      }
    }
  }
  return result;
}

/** `image` with `reach` rings of zeros around it. */
export function withRing({ rows, columns, values }: GridRows, reach: number): GridRows {
  const width = values.length / (rows * columns);
  const wide = columns + 2 * reach;
  const ringed = new Float32Array((rows + 2 * reach) * wide * width);
  for (let row = 0; row < rows; row += 1) {
    const from = values.subarray(row * columns * width, (row + 1) * columns * width);
    ringed.set(from, ((row + reach) * wide + reach) * width);
  }
  return { rows: rows + 2 * reach, columns: wide, values: ringed };
}

/** What is left of `image` without `reach` rings. */
export function withoutRing({ rows, columns, values }: GridRows, reach: number): GridRows {
  const width = values.length / (rows * columns);
  const [high, wide] = [rows - 2 * reach, columns - 2 * reach];
  const inner = new Float32Array(high * wide * width);
  for (let row = 0; row < high; row += 1) {
    const first = ((row + reach) * columns + reach) * width;
    inner.set(values.subarray(first, first + wide * width), row * wide * width);
  }
  return { rows: high, columns: wide, values: inner };
}
