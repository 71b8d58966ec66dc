// Operations on whole rows: the two norms and softmax. Units are rows.

import { exp2, larger, LN2, log2One, LOG2E, madd, maxOfLanes, sumOfLanes } from "./simd";

// @ts-ignore: decorator
@unmanaged
class Rows {
  x: usize; // [rows, width]
  gain: usize; // [width]
  bias: usize; // [width] or 0
  out: usize; // [rows, width]
  width: i32;
  epsilon: f32;
  log: i32; // softmax: 1 for its logarithm
}

/** Sum over the row of x, or of (x - center)². */
export function rowSum(x: usize, width: i32, center: f32, squared: bool): f32 {
  const c = f32x4.splat(center);
  let s0 = f32x4.splat(0), s1 = s0;
  let i: i32 = 0;
  for (; i + 8 <= width; i += 8) {
    const at = x + (<usize>i << 2);
    const a = f32x4.sub(v128.load(at), c), b = f32x4.sub(v128.load(at, 16), c);
    s0 = squared ? madd(a, a, s0) : f32x4.add(s0, a);
    s1 = squared ? madd(b, b, s1) : f32x4.add(s1, b);
  }
  let sum = sumOfLanes(f32x4.add(s0, s1));
  for (; i < width; i++) {
    const a = f32.load(x + (<usize>i << 2)) - center;
    sum += squared ? a * a : a;
  }
  return sum;
}

/** (x - center) · factor · gain + bias over a row. */
function scaleRow(p: Rows, x: usize, out: usize, center: f32, factor: f32): void {
  const c = f32x4.splat(center), f = f32x4.splat(factor);
  let i: i32 = 0;
  for (; i + 4 <= p.width; i += 4) {
    const at = <usize>i << 2;
    const y = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(x + at), c), f), v128.load(p.gain + at));
    v128.store(out + at, p.bias != 0 ? f32x4.add(y, v128.load(p.bias + at)) : y);
  }
  for (; i < p.width; i++) {
    const at = <usize>i << 2;
    f32.store(out + at, (f32.load(x + at) - center) * factor * f32.load(p.gain + at) + (p.bias != 0 ? f32.load(p.bias + at) : 0));
  }
}

export function layerNorm(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Rows>(params);
  for (let row = from; row < to; row++) {
    const at = (<usize>row * <usize>p.width) << 2;
    // The first mean is refined by the mean of what it leaves, so that a large common value costs no precision.
    let mean = rowSum(p.x + at, p.width, 0, false) / <f32>p.width;
    mean += rowSum(p.x + at, p.width, mean, false) / <f32>p.width;
    const variance = rowSum(p.x + at, p.width, mean, true) / <f32>p.width;
    scaleRow(p, p.x + at, p.out + at, mean, 1 / sqrt(variance + p.epsilon));
  }
}

export function rmsNorm(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Rows>(params);
  for (let row = from; row < to; row++) {
    const at = (<usize>row * <usize>p.width) << 2;
    const square = rowSum(p.x + at, p.width, 0, true) / <f32>p.width;
    scaleRow(p, p.x + at, p.out + at, 0, 1 / sqrt(square + p.epsilon));
  }
}

export function softmax(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Rows>(params);
  for (let row = from; row < to; row++) {
    const at = (<usize>row * <usize>p.width) << 2;
    softmaxRow(p.x + at, p.out + at, p.width, p.log != 0);
  }
}

/** A row that holds nothing above -Infinity comes out as NaN. */
function softmaxRow(x: usize, out: usize, width: i32, logarithm: bool): void {
  let m4 = f32x4.splat(-Infinity);
  let i: i32 = 0;
  for (; i + 4 <= width; i += 4) m4 = larger(m4, v128.load(x + (<usize>i << 2)));
  let m = maxOfLanes(m4);
  for (; i < width; i++) m = max(m, f32.load(x + (<usize>i << 2)));
  const center = f32x4.splat(m), log2e = f32x4.splat(LOG2E);
  let sum4 = f32x4.splat(0);
  let sum: f32 = 0;
  for (i = 0; i < width; i += 4) {
    const at = <usize>i << 2;
    if (i + 4 <= width) {
      const y = f32x4.sub(v128.load(x + at), center);
      const e = exp2(f32x4.mul(y, log2e));
      sum4 = f32x4.add(sum4, e);
      v128.store(out + at, logarithm ? y : e);
      continue;
    }
    for (let j = i; j < width; j++) {
      const y = f32.load(x + (<usize>j << 2)) - m;
      const e = f32x4.extract_lane(exp2(f32x4.splat(y * LOG2E)), 0);
      sum += e;
      f32.store(out + (<usize>j << 2), logarithm ? y : e);
    }
  }
  sum += sumOfLanes(sum4);
  const shift = logarithm ? log2One(sum) * LN2 : 0;
  const factor: f32 = logarithm ? 1 : 1 / sum;
  for (i = 0; i + 4 <= width; i += 4) {
    const at = out + (<usize>i << 2);
    v128.store(at, f32x4.mul(f32x4.sub(v128.load(at), f32x4.splat(shift)), f32x4.splat(factor)));
  }
  for (; i < width; i++) {
    const at = out + (<usize>i << 2);
    f32.store(at, (f32.load(at) - shift) * factor);
  }
}
