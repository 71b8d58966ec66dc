// The operations on rows by their formulas, in float64.

import type { Activation, Pooling } from "@saccade/attention-core";

/** act(x). `gelu` by the error function, which is summed here as a series or a continued fraction. */
export function denseActivation(activation: Activation, x: number): number {
  switch (activation) {
    case "gelu":
      return 0.5 * x * (1 + erf(x / Math.SQRT2));
    case "geluTanh":
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case "relu":
      return Math.max(x, 0);
    case "silu":
      return x / (1 + Math.exp(-x));
    case "tanh":
      return Math.tanh(x);
    case "sigmoid":
      return 1 / (1 + Math.exp(-x));
    case "elu":
      return x < 0 ? Math.expm1(x) : x;
  }
}

/** erf(x): the Maclaurin series (Abramowitz and Stegun 7.1.6) up to 3, 1 minus the continued fraction 7.1.14 beyond. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size <= 3) {
    let term = size;
    let sum = size;
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= (2 * size * size) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum;
  }
  let fraction = size;
  for (let n = 60; n >= 1; n--) fraction = size + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / fraction);
}

/** act(x · weight + bias): x [P, I], weight [I, O]. */
export function denseLinear(
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array | null,
  activation: Activation | null,
  [rows, inner, outer]: readonly [number, number, number],
): Float64Array {
  const y = new Float64Array(rows * outer);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < outer; column++) {
      let sum = bias === null ? 0 : bias[column]!;
      for (let i = 0; i < inner; i++) sum += x[row * inner + i]! * weight[i * outer + column]!;
      y[row * outer + column] = activation === null ? sum : denseActivation(activation, sum);
    }
  }
  return y;
}

/** Applies `normalize` to each row of x [P, W]. */
export function eachRow(
  x: Float32Array,
  width: number,
  normalize: (row: Float64Array) => ArrayLike<number>,
): Float64Array {
  const y = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += width)
    y.set(normalize(Float64Array.from(x.subarray(from, from + width))), from);
  return y;
}

/** (x - mean) / √(variance + epsilon) · gain + bias. */
export function denseLayerNorm(
  row: Float64Array,
  gain: Float32Array,
  bias: Float32Array | null,
  epsilon: number,
): Float64Array {
  const mean = sum(row) / row.length;
  const variance = sum(row.map((value) => (value - mean) ** 2)) / row.length;
  return row.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gain[i]! + (bias?.[i] ?? 0));
}

/** x / √(mean of squares + epsilon) · gain. */
export function denseRmsNorm(row: Float64Array, gain: Float32Array, epsilon: number): Float64Array {
  const meanOfSquares = sum(row.map((value) => value * value)) / row.length;
  return row.map((value, i) => (value / Math.sqrt(meanOfSquares + epsilon)) * gain[i]!);
}

/** Softmax of a row, or its logarithm. */
export function denseSoftmax(row: Float64Array, log: boolean): Float64Array {
  const largest = Math.max(...row);
  const total = sum(row.map((value) => Math.exp(value - largest)));
  return row.map((value) => (log ? value - largest - Math.log(total) : Math.exp(value - largest) / total));
}

/** One row per set of x [P, W]; zeros for an empty set. */
export function densePool(x: Float32Array, width: number, offsets: Int32Array, how: Pooling): Float64Array {
  const y = new Float64Array((offsets.length - 1) * width);
  for (let set = 0; set + 1 < offsets.length; set++) {
    for (let column = 0; column < width; column++) {
      const values: number[] = [];
      for (let row = offsets[set]!; row < offsets[set + 1]!; row++) values.push(x[row * width + column]!);
      y[set * width + column] = values.length === 0 ? 0 : pooled(values, how);
    }
  }
  return y;
}

function pooled(values: readonly number[], how: Pooling): number {
  switch (how) {
    case "mean":
      return values.reduce((a, b) => a + b, 0) / values.length;
    case "sum":
      return values.reduce((a, b) => a + b, 0);
    case "max":
      return Math.max(...values);
    case "first":
      return values[0]!;
  }
}

/** Rows of `table` [V, W] at `ids`, one after another; zeros for an id outside 0 .. V - 1. */
export function denseGather(table: Float32Array, width: number, ids: Int32Array): Float32Array {
  const y = new Float32Array(ids.length * width);
  ids.forEach((id, i) => {
    if (id >= 0 && (id + 1) * width <= table.length) y.set(table.subarray(id * width, (id + 1) * width), i * width);
  });
  return y;
}

/** What `denseRotate` needs besides x. */
export interface Rotation {
  readonly positions: Int32Array;
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly heads: number;
  readonly interleaved: boolean;
  /** Leading columns of each head that turn. */
  readonly width: number;
}

/** Turns the column pairs of each head of x [P, W]. */
export function denseRotate(x: Float32Array, rotation: Rotation): Float64Array {
  const y = Float64Array.from(x);
  const { positions, heads, interleaved, width } = rotation;
  const headWidth = positions.length === 0 ? 0 : x.length / positions.length / heads;
  const half = width / 2;
  positions.forEach((position, row) => {
    for (let head = 0; head < heads; head++) {
      for (let pair = 0; pair < half; pair++) {
        const start = (row * heads + head) * headWidth;
        const a = start + (interleaved ? 2 * pair : pair);
        const b = interleaved ? a + 1 : a + half;
        const cos = rotation.cos[position * half + pair]!;
        const sin = rotation.sin[position * half + pair]!;
        y[a] = x[a]! * cos - x[b]! * sin;
        y[b] = x[a]! * sin + x[b]! * cos;
      }
    }
  });
  return y;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}
