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
export function quantize(values: Float32Array, view: AxisView): Quantized {
  const scales = largestMagnitudes(values, view).map(scaleOf);
  const integers = new Int8Array(values.length);
  const { outer, count, inner } = view;
  let squaredError = 0;
  let i = 0;
  for (let row = 0; row < outer; row += 1) {
    for (let index = 0; index < count; index += 1) {
      const scale = scales[index]!;
      for (const end = i + inner; i < end; i += 1) {
        const integer = scale === 0 ? 0 : Math.max(-most, Math.min(most, Math.round(values[i]! / scale)));
        integers[i] = integer;
        squaredError += (values[i]! - integer * scale) ** 2;
      }
    }
  }
  return { integers, scales, squaredError };
}

/** The values of integers [outer, count, inner] and their scales. */
export function expand(integers: Int8Array, scales: Float32Array, view: AxisView): Float32Array<ArrayBuffer> {
  const values = new Float32Array(integers.length);
  const { outer, count, inner } = view;
  let i = 0;
  for (let row = 0; row < outer; row += 1) {
    for (let index = 0; index < count; index += 1) {
      const scale = scales[index]!;
      const end = i + inner;
      for (; i < end; i += 1) values[i] = integers[i]! * scale;
    }
  }
  return values;
}

function largestMagnitudes(values: Float32Array, { outer, count, inner }: AxisView): Float32Array<ArrayBuffer> {
  const largest = new Float32Array(count);
  let i = 0;
  for (let row = 0; row < outer; row += 1) {
    for (let index = 0; index < count; index += 1) {
      for (const end = i + inner; i < end; i += 1) largest[index] = Math.max(largest[index]!, Math.abs(values[i]!));
    }
  }
  return largest;
}

/** The float32 nearest to largest / 127, but for the two ends of the format. */
function scaleOf(largest: number): number {
  const scale = Math.fround(largest / most);
  if (largest > (most + 0.5) * scale) return scale + 2 ** -149; // rounding among subnormals cut the reach
  return Number.isFinite(Math.fround(most * scale)) ? scale : scale - 2 ** 98; // 127 scales would be infinite
}
