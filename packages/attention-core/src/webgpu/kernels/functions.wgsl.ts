// Functions that WGSL lacks, or that engines compute in ways that overflow.

import type { Activation } from "../../backend.ts";

/** tanh, cut where it is 1 in float32: engines may compute it by eˣ, which overflows. */
const tanhText = `
fn tanhOf(x: f32) -> f32 {
  let a = min(abs(x), 10.0);
  if (a < 0.5) {
    let s = a * a;
    let y = a * (1.0 + s * (-0.33333333 + s * (0.13333334 + s * (-0.053968254 + s * (0.021869488 + s * (-0.008863236 + s * 0.0035921280))))));
    return select(y, -y, x < 0.0);
  }
  let e = exp(-2.0 * a);
  let y = (1.0 - e) / (1.0 + e);
  return select(y, -y, x < 0.0);
}`;

const sigmoidText = `
fn sigmoidOf(x: f32) -> f32 {
  let e = exp(-min(abs(x), 88.0));
  return select(1.0, e, x < 0.0) / (1.0 + e);
}`;

/**
 * Φ(x), the standard normal distribution: below 2.5 by the series of erf with all terms positive (Abramowitz and Stegun
 * 7.1.6), from there by the continued fraction of erfc (7.1.14), which keeps the relative precision of the tail.
 */
const normalText = `
fn normalOf(x: f32) -> f32 {
  let z = abs(x) * 0.70710678;
  if (z > 9.2) { return select(1.0, 0.0, x < 0.0); }
  if (z < 2.0) {
    var term = z;
    var sum = z;
    for (var n = 1u; n < 28u; n += 1u) {
      term *= 2.0 * z * z / f32(2u * n + 1u);
      sum += term;
    }
    let half = 0.56418958 * exp(-z * z) * sum;
    return select(0.5 + half, 0.5 - half, x < 0.0);
  }
  var fraction = z;
  for (var n = 24u; n >= 1u; n -= 1u) { fraction = z + 0.5 * f32(n) / fraction; }
  let tail = 0.5 * exp(-z * z) / (1.77245385 * fraction);
  return select(1.0 - tail, tail, x < 0.0);
}`;

const texts: Readonly<Record<Activation, readonly [declarations: string, expression: string]>> = {
  gelu: [normalText, "x * normalOf(x)"],
  geluTanh: [tanhText, "0.5 * x * (1.0 + tanhOf(0.79788456 * (x + 0.044715 * x * x * x)))"],
  relu: ["", "max(x, 0.0)"],
  elu: ["", "select(x, exp(min(x, 0.0)) - 1.0, x < 0.0)"],
  silu: [sigmoidText, "x * sigmoidOf(x)"],
  tanh: [tanhText, "tanhOf(x)"],
  sigmoid: [sigmoidText, "sigmoidOf(x)"],
};

/** `fn act(x: f32) -> f32`, with what it needs; for none, the identity. */
export function activationText(activation: Activation | null): string {
  if (activation === null) return "fn act(x: f32) -> f32 { return x; }";
  const [declarations, expression] = texts[activation];
  return `${declarations}\nfn act(x: f32) -> f32 { return ${expression}; }`;
}

/** `tanhOf`. */
export const tanhFunction: string = tanhText;

/** Whether bits are those of NaN, and those of -Infinity: comparisons of floats may be left out by engines. */
export const bitTests = `
fn isNotNumber(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn isForbidden(x: f32) -> bool { return bitcast<u32>(x) == 0xff800000u; }`;
