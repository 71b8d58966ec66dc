// What tells a model where a position stands: host arrays that are made once and uploaded. Learned positions need
// nothing here: they are `embed` of a learned table at `positionsOf` the rows. The tables are computed in float64 and rounded
// once.

/**
 * Sine and cosine waves of falling frequency (Vaswani et al. 2017, section 3.5): [count, W] with
 * sin(p / base^(2i / W)) in column 2i of the row of position p and the cosine in column 2i + 1, p counted from `start`.
 * Throws `RangeError` unless W is even and `base` above 0.
 *
 * @example
 * const table = sinusoidalPositions(512, 128);
 */
export function sinusoidalPositions(count: number, width: number, base = 10000, start = 0): Float32Array {
  const action = "make sinusoidal positions";
  checkCount(action, "count", count);
  checkMultiple(action, "width", width, 2);
  checkCount(action, "start", start);
  checkBase(action, base);
  const table = new Float32Array(count * width);
  for (let row = 0; row < count; row += 1) {
    writeWaves(table, row * width, width, start + row, base);
  }
  return table;
}

/**
 * The same on a grid, for patches of an image: [rows · columns, W], positions row by row; the first half of the
 * columns encodes the grid's row, the second half its column (as in Wang and Liu 2021, and in the plain ViT baseline
 * of Beyer et al. 2022). Throws `RangeError` unless W is a multiple of 4 and `base` above 0.
 */
export function sinusoidalGridPositions(rows: number, columns: number, width: number, base = 10000): Float32Array {
  const action = "make sinusoidal grid positions";
  checkCount(action, "rows", rows);
  checkCount(action, "columns", columns);
  checkMultiple(action, "width", width, 4);
  checkBase(action, base);
  const half = width / 2;
  const table = new Float32Array(rows * columns * width);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      writeWaves(table, at, half, row, base);
      writeWaves(table, at + half, half, column, base);
      at += width;
    }
  }
  return table;
}

/** The angles of rotary positions: both tables are [count, half of the turning width]. */
export interface RotaryTables {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * Cosine and sine of p · base^(-2i / width) for position p, counted from `start`, and pair i of `width` turning columns
 * (RoFormer, Su et al. 2021, section 3.2.2), as `Workspace.rotate` takes them. Throws `RangeError` unless `width` is even and `base` above 0.
 */
export function rotaryTables(count: number, width: number, base = 10000, start = 0): RotaryTables {
  const action = "make rotary tables";
  checkCount(action, "count", count);
  checkMultiple(action, "width", width, 2);
  checkCount(action, "start", start);
  checkBase(action, base);
  const half = width / 2;
  const cos = new Float32Array(count * half);
  const sin = new Float32Array(count * half);
  for (let pair = 0; pair < half; pair += 1) {
    const frequency = base ** (-pair / half);
    for (let row = 0; row < count; row += 1) {
      cos[row * half + pair] = Math.cos((start + row) * frequency);
      sin[row * half + pair] = Math.sin((start + row) * frequency);
    }
  }
  return { cos, sin };
}

/**
 * The slopes of ALiBi, one per head [H] (Press et al. 2022, section 3): for a power of two the geometric sequence that
 * starts at, and has the ratio, 2^(-8 / H). For another H, as in the authors' code, the slopes of the next smaller
 * power of two C followed by every second slope of 2C. Throws `RangeError` unless H is at least 1.
 */
export function alibiSlopes(heads: number): Float32Array {
  checkCount("make ALiBi slopes", "heads", heads);
  if (heads === 0) throw new RangeError("Cannot make ALiBi slopes: heads must be at least 1, it is 0");
  const closest = 2 ** Math.floor(Math.log2(heads));
  const slopes = new Float32Array(heads);
  for (let head = 0; head < heads; head += 1) {
    slopes[head] =
      head < closest ? 2 ** ((-8 * (head + 1)) / closest) : 2 ** ((-4 * (2 * (head - closest) + 1)) / closest);
  }
  return slopes;
}

function writeWaves(table: Float32Array, at: number, width: number, position: number, base: number): void {
  for (let i = 0; i < width; i += 2) {
    const angle = position / base ** (i / width);
    table[at + i] = Math.sin(angle);
    table[at + i + 1] = Math.cos(angle);
  }
}

function checkCount(action: string, field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot ${action}: ${field} must be an integer >= 0, it is ${value}`);
  }
}

function checkMultiple(action: string, field: string, value: number, of: number): void {
  if (!Number.isSafeInteger(value) || value <= 0 || value % of !== 0) {
    throw new RangeError(`Cannot ${action}: ${field} must be a positive multiple of ${of}, it is ${value}`);
  }
}

function checkBase(action: string, base: number): void {
  if (!(base > 0 && base < Infinity)) {
    throw new RangeError(`Cannot ${action}: base must be a finite number above 0, it is ${base}`);
  }
}
