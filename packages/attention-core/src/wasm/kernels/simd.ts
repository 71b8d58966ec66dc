// Vector arithmetic that every kernel shares: fused multiply-add where the binary has relaxed SIMD, and the
// elementary functions on four lanes. Compiled by AssemblyScript; `usize` values are byte addresses.

export const LOG2E: f32 = 1.4426950408889634;
export const LN2: f32 = 0.6931471805599453;

// Numbers that the functions below need, in memory: V8 builds a constant vector anew at each use, in three to five
// instructions, where one load brings it from here. A training step came down by 2.6 %.

export const ONE: usize = memory.data<f32>([1.0]);
export const HALF: usize = memory.data<f32>([0.5]);
export const MINUS_LOG2E: usize = memory.data<f32>([-1.4426950408889634]);
/** 1.5 · 2^23: adding it rounds to an integer in the low bits. */
const MAGIC: usize = memory.data<f32>([12582912.0]);
const LOWEST_EXPONENT: usize = memory.data<f32>([-126.0]);
/** Of 2^f on [-1/2, 1/2], the highest power first. */
const EXP2: usize = memory.data<f32>([
  0.0013264727356314767, 0.009671512917125506, 0.05550733745448425, 0.24022242081109027, 0.6931469775963979, 1.0,
]);
/** Of tanh x / x in x², the highest power first. */
const TANH: usize = memory.data<f32>([62.0 / 2835.0, -17.0 / 315.0, 2.0 / 15.0, -1.0 / 3.0, 1.0]);
/** Abramowitz and Stegun 7.1.26, the highest power first. */
const ERFC: usize = memory.data<f32>([1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]);
const ERFC_SCALE: usize = memory.data<f32>([0.3275911]);
export const SQRT_HALF: usize = memory.data<f32>([0.7071067811865476]);

/** The number at `place`, in each lane. */
// @ts-ignore: decorator
@inline
export function constant(place: usize): v128 {
  return v128.load32_splat(place);
}

/** Stands for "below every score": finite, so that the difference of two of them is a number. */
export const LOWEST: f32 = -3.0e38;

/** a · b + c, fused in the relaxed binaries. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The larger of two, the first where either is NaN; one instruction on x86, where `f32x4.max` is seven. */
// @ts-ignore: decorator
@inline
export function larger(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

/**
 * 2^x. x below -126 gives exactly 0 (WebAssembly cannot flush subnormals, which are slow on many machines); NaN
 * stays NaN. x must not exceed 127. The polynomial is a minimax fit of 2^f on [-1/2, 1/2] with p(0) = 1, relative
 * error 1e-7.
 */
// @ts-ignore: decorator
@inline
export function exp2(x: v128): v128 {
  const magic = constant(MAGIC);
  const t = f32x4.add(x, magic);
  const f = f32x4.sub(x, f32x4.sub(t, magic));
  let p = constant(EXP2);
  p = madd(p, f, constant(EXP2 + 4));
  p = madd(p, f, constant(EXP2 + 8));
  p = madd(p, f, constant(EXP2 + 12));
  p = madd(p, f, constant(EXP2 + 16));
  p = madd(p, f, constant(EXP2 + 20));
  p = i32x4.add(p, i32x4.shl(t, 23));
  return v128.andnot(p, f32x4.lt(x, constant(LOWEST_EXPONENT)));
}

/** Bytes of the table of `storeExp2`. */
export const EXP2_BYTES: usize = 128;

/**
 * The constants of `exp2By`, for loops that keep them in registers: V8 makes a constant vector anew at each use. Eight
 * exponentials took 20 cycles with constants in the code, 11 so; 12 with four lanes of two keys a round, 13 with the
 * table read in the loop, 15 with the two vectors interleaved by hand or by Estrin's scheme.
 */
export function storeExp2(table: usize): void {
  v128.store(table, f32x4.splat(0.6931469775963979));
  v128.store(table, f32x4.splat(0.24022242081109027), 16);
  v128.store(table, f32x4.splat(0.05550733745448425), 32);
  v128.store(table, f32x4.splat(0.009671512917125506), 48);
  v128.store(table, f32x4.splat(0.0013264727356314767), 64);
  v128.store(table, f32x4.splat(12582912.0), 80);
  v128.store(table, f32x4.splat(1.0), 96);
  v128.store(table, f32x4.splat(-126.0), 112);
}

/** `exp2`, bit for bit, with its constants handed in. */
// @ts-ignore: decorator
@inline
export function exp2By(x: v128, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, magic: v128, one: v128, floor: v128): v128 {
  const t = f32x4.add(x, magic);
  const f = f32x4.sub(x, f32x4.sub(t, magic));
  let p = madd(c4, f, c3);
  p = madd(p, f, c2);
  p = madd(p, f, c1);
  p = madd(p, f, c0);
  p = madd(p, f, one);
  p = i32x4.add(p, i32x4.shl(t, 23));
  return v128.andnot(p, f32x4.lt(x, floor));
}

/** log2 x for normal x > 0, and NaN for NaN: the exponent, and the logarithm of the fraction by its series in (f - 1) / (f + 1). */
export function log2(x: v128): v128 {
  const root = i32x4.splat(0x3f3504f3); // bits of √½: the fraction then lies in [√½, √2)
  const shifted = i32x4.sub(x, root);
  const exponent = i32x4.shr_s(shifted, 23);
  const fraction = i32x4.sub(x, i32x4.shl(exponent, 23));
  const one = f32x4.splat(1.0);
  const r = f32x4.div(f32x4.sub(fraction, one), f32x4.add(fraction, one));
  const r2 = f32x4.mul(r, r);
  let p = f32x4.splat(1.0 / 9.0);
  p = madd(p, r2, f32x4.splat(1.0 / 7.0));
  p = madd(p, r2, f32x4.splat(1.0 / 5.0));
  p = madd(p, r2, f32x4.splat(1.0 / 3.0));
  p = madd(p, r2, one);
  const natural = f32x4.mul(f32x4.mul(p, r), f32x4.splat(2.0));
  const y = madd(natural, f32x4.splat(LOG2E), f32x4.convert_i32x4_s(exponent));
  return v128.bitselect(x, y, f32x4.ne(x, x));
}

/** log2 of one number; see `log2`. */
export function log2One(x: f32): f32 {
  return f32x4.extract_lane(log2(f32x4.splat(x)), 0);
}

/** tanh x: its series below ¼, (1 - e^-2|x|) / (1 + e^-2|x|) above. Relative error 3e-7. */
export function tanh(x: v128): v128 {
  const one = constant(ONE);
  const size = f32x4.abs(x);
  const t = exp2(f32x4.mul(f32x4.add(size, size), constant(MINUS_LOG2E)));
  const far = f32x4.div(f32x4.sub(one, t), f32x4.add(one, t));
  const x2 = f32x4.mul(x, x);
  let p = constant(TANH);
  p = madd(p, x2, constant(TANH + 4));
  p = madd(p, x2, constant(TANH + 8));
  p = madd(p, x2, constant(TANH + 12));
  p = madd(p, x2, constant(TANH + 16));
  const near = f32x4.mul(p, x);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(size, f32x4.splat(0.25)));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: v128): v128 {
  const one = constant(ONE);
  const t = exp2(f32x4.mul(f32x4.abs(x), constant(MINUS_LOG2E)));
  const positive = f32x4.div(one, f32x4.add(one, t));
  return v128.bitselect(f32x4.mul(positive, t), positive, f32x4.lt(x, f32x4.splat(0)));
}

/** erfc s · e^s² for s >= 0 by Abramowitz and Stegun 7.1.26; erfc then has an absolute error of 1.5e-7. */
// @ts-ignore: decorator
@inline
export function erfcFactor(size: v128): v128 {
  const one = constant(ONE);
  const t = f32x4.div(one, madd(size, constant(ERFC_SCALE), one));
  let p = constant(ERFC);
  p = madd(p, t, constant(ERFC + 4));
  p = madd(p, t, constant(ERFC + 8));
  p = madd(p, t, constant(ERFC + 12));
  p = madd(p, t, constant(ERFC + 16));
  return f32x4.mul(p, t);
}

/** x Φ(x), the exact GELU (Hendrycks and Gimpel 2016). */
// @ts-ignore: decorator
@inline
export function gelu(x: v128): v128 {
  const size = f32x4.mul(f32x4.abs(x), constant(SQRT_HALF));
  const tail = f32x4.mul(erfcFactor(size), exp2(f32x4.mul(f32x4.mul(size, size), constant(MINUS_LOG2E))));
  const negative = f32x4.mul(f32x4.mul(x, constant(HALF)), tail);
  return v128.bitselect(negative, f32x4.sub(x, negative), f32x4.lt(x, f32x4.splat(0)));
}

/** x / 2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), the usual approximation of the GELU. */
export function geluTanh(x: v128): v128 {
  const cubic = f32x4.mul(f32x4.mul(x, x), f32x4.splat(0.044715));
  const inner = f32x4.mul(madd(cubic, x, x), f32x4.splat(0.7978845608028654));
  return f32x4.mul(x, sigmoid(f32x4.add(inner, inner)));
}

/** max(x, 0), NaN where x is. */
// @ts-ignore: decorator
@inline
export function relu(x: v128): v128 {
  return v128.bitselect(f32x4.splat(0), x, f32x4.lt(x, f32x4.splat(0)));
}

/** x, or e^x - 1 below 0 (Clevert et al. 2016), as tanh(x / 2) (e^x + 1), from which nothing cancels near 0. */
export function elu(x: v128): v128 {
  const half = tanh(f32x4.mul(x, f32x4.splat(0.5)));
  const below = madd(half, exp2(f32x4.mul(f32x4.min(x, f32x4.splat(0)), f32x4.splat(LOG2E))), half);
  return v128.bitselect(below, x, f32x4.lt(x, f32x4.splat(0)));
}

/** Activation by its number in `kernel-codes.ts`: 0 none, 1 gelu, 2 geluTanh, 3 relu, 4 silu, 5 tanh, 6 sigmoid, 7 elu. */
export function activate(x: v128, activation: i32): v128 {
  switch (activation) {
    case 1: return gelu(x);
    case 2: return geluTanh(x);
    case 3: return relu(x);
    case 4: return f32x4.mul(x, sigmoid(x));
    case 5: return tanh(x);
    case 6: return sigmoid(x);
    case 7: return elu(x);
    default: return x;
  }
}

/** Sum of the four lanes, pairwise. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function maxOfLanes(x: v128): f32 {
  return max(max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)), max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)));
}
