// What one pair of a query and a key adds to the gradients of one head.

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
 * Of an additive score vector · act(q + k), `factor` being its gradient: added to `dq`, `dk` and `dvector` where those
 * are not 0. `kind` is 1 for tanh and 2 for the leaky ReLU.
 */
export function addAdditive(q: usize, k: usize, vector: usize, factor: f32, bytes: usize, kind: i32, slope: f32, dq: usize, dk: usize, dvector: usize): void {
  const f = f32x4.splat(factor);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const x = f32x4.add(v128.load(q + at), v128.load(k + at));
    const t = act(x, kind, slope);
    const d = f32x4.mul(f32x4.mul(f, v128.load(vector + at)), derivative(x, t, kind, slope));
    if (dq != 0) v128.store(dq + at, f32x4.add(v128.load(dq + at), d));
    if (dk != 0) v128.store(dk + at, f32x4.add(v128.load(dk + at), d));
    if (dvector != 0) v128.store(dvector + at, madd(f, t, v128.load(dvector + at)));
  }
  for (; at < bytes; at += 4) {
    const x = f32x4.add(v128.load32_splat(q + at), v128.load32_splat(k + at));
    const t = act(x, kind, slope);
    const d = f32x4.extract_lane(f32x4.mul(f32x4.mul(f, v128.load32_splat(vector + at)), derivative(x, t, kind, slope)), 0);
    if (dq != 0) f32.store(dq + at, f32.load(dq + at) + d);
    if (dk != 0) f32.store(dk + at, f32.load(dk + at) + d);
    if (dvector != 0) f32.store(dvector + at, factor * f32x4.extract_lane(t, 0) + f32.load(dvector + at));
  }
}

// @ts-ignore: decorator
@inline
function act(x: v128, kind: i32, slope: f32): v128 {
  if (kind == 1) return tanh(x);
  return v128.bitselect(f32x4.mul(f32x4.splat(slope), x), x, f32x4.lt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function derivative(x: v128, t: v128, kind: i32, slope: f32): v128 {
  const one = f32x4.splat(1);
  if (kind == 1) return f32x4.sub(one, f32x4.mul(t, t));
  return v128.bitselect(f32x4.splat(slope), one, f32x4.lt(x, f32x4.splat(0)));
}
