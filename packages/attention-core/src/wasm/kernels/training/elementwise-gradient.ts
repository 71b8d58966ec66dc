// Gradients of operations that treat every element alike, and dropout. Units are rows of `width`.

import { mix } from "../attention-dropout";
import { constant, erfcFactor, exp2, HALF, LOG2E, madd, MINUS_LOG2E, ONE, SQRT_HALF } from "../simd";

/** 1 / √(2π). */
const INVERSE_ROOT_2PI: usize = memory.data<f32>([0.3989422804014327]);

// @ts-ignore: decorator
@unmanaged
class ActivateGradient {
  x: usize; // [rows, width]
  dy: usize; // [rows, width]
  out: usize; // [rows, width]
  width: i32;
  activation: i32; // its number in `simd.ts`
}

/** dy · act′(x). */
export function activateGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<ActivateGradient>(params);
  const bytes = <usize>p.width << 2;
  for (let row = from; row < to; row++) {
    const x = p.x + <usize>row * bytes, dy = p.dy + <usize>row * bytes, out = p.out + <usize>row * bytes;
    let at: usize = 0;
    if (p.activation == 1) for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.mul(v128.load(dy + at), geluSlope(v128.load(x + at))));
    if (p.activation == 3) for (; at + 16 <= bytes; at += 16) v128.store(out + at, reluGradient(v128.load(x + at), v128.load(dy + at)));
    for (; at + 16 <= bytes; at += 16) {
      v128.store(out + at, backward(v128.load(x + at), p.activation, v128.load(dy + at)));
    }
    for (; at < bytes; at += 4) {
      const dx = backward(v128.load32_splat(x + at), p.activation, v128.load32_splat(dy + at));
      f32.store(out + at, f32x4.extract_lane(dx, 0));
    }
  }
}

function backward(x: v128, activation: i32, dy: v128): v128 {
  switch (activation) {
    case 1: return f32x4.mul(dy, geluSlope(x));
    case 2: return f32x4.mul(dy, geluTanhSlope(x));
    case 3: return reluGradient(x, dy);
    case 4: return f32x4.mul(dy, gateSlope(x, x));
    case 5: return f32x4.mul(dy, f32x4.mul(f32x4.splat(4), sigmoidSlope(f32x4.add(x, x)))); // tanh x = 2 σ(2x) - 1
    case 6: return f32x4.mul(dy, sigmoidSlope(x));
    default: return f32x4.mul(dy, eluSlope(x));
  }
}

// @ts-ignore: decorator
@inline
function reluGradient(x: v128, dy: v128): v128 {
  return f32x4.mul(dy, v128.andnot(f32x4.splat(1), f32x4.le(x, f32x4.splat(0))));
}

/** Φ(x) + x φ(x), the slope of the exact GELU: both of one exponential. */
// @ts-ignore: decorator
@inline
function geluSlope(x: v128): v128 {
  const size = f32x4.mul(f32x4.abs(x), constant(SQRT_HALF));
  const bell = exp2(f32x4.mul(f32x4.mul(size, size), constant(MINUS_LOG2E))); // e^(-x² / 2)
  const tail = f32x4.mul(f32x4.mul(erfcFactor(size), bell), constant(HALF));
  const below = v128.bitselect(tail, f32x4.sub(constant(ONE), tail), f32x4.lt(x, f32x4.splat(0)));
  return madd(f32x4.mul(x, constant(INVERSE_ROOT_2PI)), bell, below);
}

/** Of x σ(2u), with u = √(2/π) (x + 0.044715 x³): σ + x σ (1 - σ) 2u′. */
function geluTanhSlope(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const inner = f32x4.mul(madd(f32x4.mul(square, f32x4.splat(0.044715)), x, x), f32x4.splat(1.5957691216057308));
  const innerSlope = madd(square, f32x4.splat(0.21406889934668643), f32x4.splat(1.5957691216057308));
  return gateSlope(inner, f32x4.mul(x, innerSlope));
}

/** σ(g) + x σ (1 - σ), the slope of x σ(g) where g has the slope 1. */
function gateSlope(g: v128, x: v128): v128 {
  const t = exp2(f32x4.mul(f32x4.abs(g), constant(MINUS_LOG2E)));
  const near = f32x4.div(f32x4.splat(1), f32x4.add(t, f32x4.splat(1)));
  const far = f32x4.mul(t, near);
  const sigmoid = v128.bitselect(far, near, f32x4.lt(g, f32x4.splat(0)));
  return madd(x, f32x4.mul(far, near), sigmoid);
}

/** 1, or e^x below 0: the exponential of a negative number does not overflow, NaN stays NaN. */
function eluSlope(x: v128): v128 {
  return exp2(f32x4.mul(f32x4.min(x, f32x4.splat(0)), f32x4.splat(LOG2E)));
}

/** σ (1 - σ) = t / (1 + t)² with t = e^-|x|: nothing cancels where σ is close to 1. */
function sigmoidSlope(x: v128): v128 {
  const t = exp2(f32x4.mul(f32x4.abs(x), constant(MINUS_LOG2E)));
  const sum = f32x4.add(t, f32x4.splat(1));
  return f32x4.div(t, f32x4.mul(sum, sum));
}

// @ts-ignore: decorator
@unmanaged
class Dropout {
  x: usize; // [rows, width]
  out: usize; // [rows, width]
  width: i32;
  firstIndex: i32; // of the first element
  seed: i32; // mixed
  threshold: i32; // unsigned: hashes from here on stay
  scale: f32; // of what stays
}

/** x times `scale` where its hash reaches the threshold, else 0. */
export function dropout(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Dropout>(params);
  const bytes = <usize>p.width << 2;
  const seed = i32x4.splat(p.seed), threshold = i32x4.splat(p.threshold), scale = f32x4.splat(p.scale);
  const four = i32x4.splat(4);
  for (let row = from; row < to; row++) {
    const x = p.x + <usize>row * bytes, out = p.out + <usize>row * bytes;
    const first = p.firstIndex + row * p.width;
    let index = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      v128.store(out + at, v128.and(f32x4.mul(v128.load(x + at), scale), keeps(index, seed, threshold)));
      index = i32x4.add(index, four);
    }
    for (; at < bytes; at += 4) {
      const kept = keeps(i32x4.splat(first + <i32>(at >> 2)), seed, threshold);
      f32.store(out + at, f32x4.extract_lane(v128.and(f32x4.mul(v128.load32_splat(x + at), scale), kept), 0));
    }
  }
}

/** All bits set where the element of an index stays. */
// @ts-ignore: decorator
@inline
function keeps(index: v128, seed: v128, threshold: v128): v128 {
  return i32x4.ge_u(mix(v128.xor(index, seed)), threshold);
}
