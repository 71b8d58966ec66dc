// Eight-bit weights: integers from -127 to 127 and a scale for each index of one axis, value = integer · scale. Symmetric,
// so that zero stays zero.

/** Which index of an axis an element belongs to: elements are [outer, count, inner], the axis in the middle. */
export interface AxisView {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** The view of `shape` along `axis`. */
export function alongAxis(shape: readonly number[], axis: number): AxisView {
  const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);
  return { outer: product(shape.slice(0, axis)), count: shape[axis] ?? 1, inner: product(shape.slice(axis + 1)) };
}

/** Integers and their scales, with the sum of squared errors. */
export interface Quantized {
  readonly integers: Int8Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
  readonly squaredError: number;
}

const most = 127;

/** The nearest integers under scales that reach the largest magnitude; the error is at most half a scale. Values must be finite. */
export function quantize(values: Float32Array, { outer, count, inner }: AxisView): Quantized {
  const scales = new Float32Array(count);
  forEachRun(outer, count, inner, (index, begin, end) => {
    let largest = scales[index]!;
    for (let i = begin; i < end; i += 1) largest = Math.max(largest, Math.abs(values[i]!));
    scales[index] = largest;
  });
  for (let i = 0; i < count; i += 1) scales[i] = scaleOf(scales[i]!);
  const integers = new Int8Array(values.length);
  let squaredError = 0;
  forEachRun(outer, count, inner, (index, begin, end) => {
    const scale = scales[index]!;
    if (scale === 0) return;
    for (let i = begin; i < end; i += 1) {
      const integer = Math.max(-most, Math.min(most, Math.round(values[i]! / scale)));
      integers[i] = integer;
      squaredError += (values[i]! - integer * scale) ** 2;
    }
  });
  return { integers, scales, squaredError };
}

/** The values of integers [outer, count, inner] and their scales. */
export function expand(integers: Int8Array, scales: Float32Array, view: AxisView): Float32Array<ArrayBuffer> {
  const values = new Float32Array(integers.length);
  forEachRun(view.outer, view.count, view.inner, (index, begin, end) => {
    const scale = scales[index]!;
    for (let i = begin; i < end; i += 1) values[i] = integers[i]! * scale;
  });
  return values;
}

/** The float32 nearest to largest / 127, but for the two ends of the format. */
function scaleOf(largest: number): number {
  const scale = Math.fround(largest / most);
  if (largest > (most + 0.5) * scale) return scale + 2 ** -149; // rounding among subnormals cut the reach
  return Number.isFinite(Math.fround(most * scale)) ? scale : scale - 2 ** 98; // 127 scales would be infinite
}

/** Calls `visit` for each run of neighbouring elements with one index of the axis. */
function forEachRun(
  outer: number,
  count: number,
  inner: number,
  visit: (index: number, begin: number, end: number) => void,
): void {
  for (let row = 0; row < outer; row += 1) {
    for (let index = 0; index < count; index += 1) {
      const begin = (row * count + index) * inner;
      visit(index, begin, begin + inner);
    }
  }
}
