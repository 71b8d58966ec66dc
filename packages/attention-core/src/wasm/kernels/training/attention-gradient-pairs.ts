// What one pair of a query and a key adds to the gradients of one head.

import { Attention } from "../attention-parameters";
import { FORBIDDEN } from "../collect";
import { madd, sumOfLanes, tanh } from "../simd";

/** to += factor · from, `bytes` of each. */
// @ts-ignore: decorator
@inline
export function addScaled(to: usize, from: usize, factor: f32, bytes: usize): void {
  const f = f32x4.splat(factor);
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) {
    v128.store(to, madd(f, v128.load(from), v128.load(to)));
    from += 16;
  }
  for (; to < end; to += 4) {
    f32.store(to, factor * f32.load(from) + f32.load(to));
    from += 4;
  }
}

/** x · y, `bytes` of each. */
export function dotOne(x: usize, y: usize, bytes: usize): f32 {
  let sums = f32x4.splat(0);
  const end = x + bytes;
  for (; x + 16 <= end; x += 16) {
    sums = madd(v128.load(x), v128.load(y), sums);
    y += 16;
  }
  let sum = sumOfLanes(sums);
  for (; x < end; x += 4) {
    sum += f32.load(x) * f32.load(y);
    y += 4;
  }
  return sum;
}

/**
 * Of an additive score vector · tanh(q + k), `factor` being its gradient: added to `dq`, `dk` and `dvector` where those
 * are not 0.
 */
export function addTanh(q: usize, k: usize, vector: usize, factor: f32, bytes: usize, dq: usize, dk: usize, dvector: usize): void {
  const f = f32x4.splat(factor), one = f32x4.splat(1);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const t = tanh(f32x4.add(v128.load(q + at), v128.load(k + at)));
    const d = f32x4.mul(f32x4.mul(f, v128.load(vector + at)), f32x4.sub(one, f32x4.mul(t, t)));
    if (dq != 0) v128.store(dq + at, f32x4.add(v128.load(dq + at), d));
    if (dk != 0) v128.store(dk + at, f32x4.add(v128.load(dk + at), d));
    if (dvector != 0) v128.store(dvector + at, madd(f, t, v128.load(dvector + at)));
  }
  for (; at < bytes; at += 4) {
    const t = f32x4.extract_lane(tanh(f32x4.splat(f32.load(q + at) + f32.load(k + at))), 0);
    const d = factor * f32.load(vector + at) * (1 - t * t);
    if (dq != 0) f32.store(dq + at, f32.load(dq + at) + d);
    if (dk != 0) f32.store(dk + at, f32.load(dk + at) + d);
    if (dvector != 0) f32.store(dvector + at, factor * t + f32.load(dvector + at));
  }
}

/** The same of vector · leaky ReLU(q + k). */
export function addLeaky(q: usize, k: usize, vector: usize, slope: f32, factor: f32, bytes: usize, dq: usize, dk: usize, dvector: usize): void {
  const f = f32x4.splat(factor), none = f32x4.splat(0);
  const rising = f, falling = f32x4.splat(factor * slope);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const x = f32x4.add(v128.load(q + at), v128.load(k + at));
    const side = v128.bitselect(falling, rising, f32x4.lt(x, none));
    const d = f32x4.mul(side, v128.load(vector + at));
    if (dq != 0) v128.store(dq + at, f32x4.add(v128.load(dq + at), d));
    if (dk != 0) v128.store(dk + at, f32x4.add(v128.load(dk + at), d));
    if (dvector != 0) v128.store(dvector + at, madd(side, x, v128.load(dvector + at)));
  }
  for (; at < bytes; at += 4) {
    const x = f32.load(q + at) + f32.load(k + at);
    const side = x < 0 ? factor * slope : factor;
    const d = side * f32.load(vector + at);
    if (dq != 0) f32.store(dq + at, f32.load(dq + at) + d);
    if (dk != 0) f32.store(dk + at, f32.load(dk + at) + d);
    if (dvector != 0) f32.store(dvector + at, side * x + f32.load(dvector + at));
  }
}

/** Four neighbouring heads of one column, each with a key head to itself; a weight of -0 leaves its head out. */
export function addFourHeads(a: Attention, weights: usize, factors: usize, q: usize, k: usize, vector: usize, dq: usize, dk: usize, dvector: usize): void {
  const out = i32x4.eq(v128.load(weights), i32x4.splat(FORBIDDEN)), f = v128.load(factors);
  let forQuery: v128, forKey: v128;
  if (a.score == 0) {
    forQuery = v128.andnot(f32x4.mul(f, v128.load(k)), out);
    forKey = v128.andnot(f32x4.mul(f, v128.load(q)), out);
  } else {
    const x = f32x4.add(v128.load(q), v128.load(k)), one = f32x4.splat(1);
    let value: v128, slope: v128;
    if (a.score == 1) {
      value = tanh(x);
      slope = f32x4.sub(one, f32x4.mul(value, value));
    } else {
      slope = v128.bitselect(f32x4.splat(a.slope), one, f32x4.lt(x, f32x4.splat(0)));
      value = f32x4.mul(slope, x);
    }
    forKey = v128.andnot(f32x4.mul(f32x4.mul(f, v128.load(vector)), slope), out);
    forQuery = forKey;
    if (dvector != 0) v128.store(dvector, f32x4.add(v128.load(dvector), v128.andnot(f32x4.mul(f, value), out)));
  }
  if (dq != 0) v128.store(dq, f32x4.add(v128.load(dq), forQuery));
  if (dk != 0) v128.store(dk, f32x4.add(v128.load(dk), forKey));
}
