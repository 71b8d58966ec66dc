// Gradients of the operations on whole rows. For the norms units are blocks of rows, each with sums of its own for what
// gain and bias get; `pool` adds those up in their order. For softmax units are rows.

import { rowSum } from "../normalize";
import { exp2, LOG2E, madd, sumOfLanes } from "../simd";

// @ts-ignore: decorator
@unmanaged
class NormGradient {
  x: usize; // [rows, width]
  gain: usize; // [width]
  dy: usize; // [rows, width]
  out: usize; // [rows, width]
  gainSums: usize; // [blocks, width]
  biasSums: usize; // [blocks, width], or 0
  rows: i32;
  width: i32;
  rowsPerUnit: i32;
  epsilon: f32;
}

/** With x̂ = (x - mean) / σ and g = dy · gain: (g - mean(g) - x̂ · mean(g x̂)) / σ. */
export function layerNormGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<NormGradient>(params);
  for (let unit = from; unit < to; unit++) {
    clearSums(p, unit);
    const end = min(p.rows, (unit + 1) * p.rowsPerUnit);
    for (let row = unit * p.rowsPerUnit; row < end; row++) {
      const x = p.x + ((<usize>row * <usize>p.width) << 2);
      // As `layerNorm` finds them.
      let mean = rowSum(x, p.width, 0, false) / <f32>p.width;
      mean += rowSum(x, p.width, mean, false) / <f32>p.width;
      const variance = rowSum(x, p.width, mean, true) / <f32>p.width;
      normRow(p, unit, row, mean, 1 / sqrt(variance + p.epsilon), true);
    }
  }
}

/** With x̂ = x / √(mean of squares) and g = dy · gain: (g - x̂ · mean(g x̂)) / √(mean of squares). */
export function rmsNormGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<NormGradient>(params);
  for (let unit = from; unit < to; unit++) {
    clearSums(p, unit);
    const end = min(p.rows, (unit + 1) * p.rowsPerUnit);
    for (let row = unit * p.rowsPerUnit; row < end; row++) {
      const x = p.x + ((<usize>row * <usize>p.width) << 2);
      const square = rowSum(x, p.width, 0, true) / <f32>p.width;
      normRow(p, unit, row, 0, 1 / sqrt(square + p.epsilon), false);
    }
  }
}

function clearSums(p: NormGradient, unit: i32): void {
  const bytes = <usize>p.width << 2;
  memory.fill(p.gainSums + <usize>unit * bytes, 0, bytes);
  if (p.biasSums != 0) memory.fill(p.biasSums + <usize>unit * bytes, 0, bytes);
}

/** One row: its part of the sums, then what x gets. `centered` takes the mean of g off as well. */
function normRow(p: NormGradient, unit: i32, row: i32, mean: f32, factor: f32, centered: bool): void {
  const bytes = <usize>p.width << 2;
  const x = p.x + <usize>row * bytes, dy = p.dy + <usize>row * bytes, out = p.out + <usize>row * bytes;
  const gainSums = p.gainSums + <usize>unit * bytes, biasSums = p.biasSums + <usize>unit * bytes;
  const center = f32x4.splat(mean), scale = f32x4.splat(factor);
  let g4 = f32x4.splat(0), gx4 = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const xHat = f32x4.mul(f32x4.sub(v128.load(x + at), center), scale);
    const d = v128.load(dy + at);
    v128.store(gainSums + at, madd(d, xHat, v128.load(gainSums + at)));
    if (centered) v128.store(biasSums + at, f32x4.add(d, v128.load(biasSums + at)));
    const g = f32x4.mul(d, v128.load(p.gain + at));
    g4 = f32x4.add(g4, g);
    gx4 = madd(g, xHat, gx4);
  }
  let gSum = sumOfLanes(g4), gxSum = sumOfLanes(gx4);
  for (; at < bytes; at += 4) {
    const xHat = (f32.load(x + at) - mean) * factor;
    const d = f32.load(dy + at);
    f32.store(gainSums + at, f32.load(gainSums + at) + d * xHat);
    if (centered) f32.store(biasSums + at, f32.load(biasSums + at) + d);
    const g = d * f32.load(p.gain + at);
    gSum += g;
    gxSum += g * xHat;
  }
  const gMean: f32 = centered ? gSum / <f32>p.width : 0;
  const gxMean = gxSum / <f32>p.width;
  const share = f32x4.splat(-gxMean), common = f32x4.splat(gMean);
  for (at = 0; at + 16 <= bytes; at += 16) {
    const xHat = f32x4.mul(f32x4.sub(v128.load(x + at), center), scale);
    const g = f32x4.mul(v128.load(dy + at), v128.load(p.gain + at));
    v128.store(out + at, f32x4.mul(madd(xHat, share, f32x4.sub(g, common)), scale));
  }
  for (; at < bytes; at += 4) {
    const xHat = (f32.load(x + at) - mean) * factor;
    const g = f32.load(dy + at) * f32.load(p.gain + at);
    f32.store(out + at, (g - gMean - xHat * gxMean) * factor);
  }
}

// @ts-ignore: decorator
@unmanaged
class SoftmaxGradient {
  y: usize; // [rows, width]
  dy: usize; // [rows, width]
  out: usize; // [rows, width]
  width: i32;
  log: i32; // 1: y is the logarithm
}

/** y (dy - Σ y dy), or of the logarithm dy - e^y Σ dy. */
export function softmaxGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<SoftmaxGradient>(params);
  const bytes = <usize>p.width << 2;
  for (let row = from; row < to; row++) {
    const y = p.y + <usize>row * bytes, dy = p.dy + <usize>row * bytes, out = p.out + <usize>row * bytes;
    if (p.log != 0) logSoftmaxRow(y, dy, out, bytes);
    else softmaxRow(y, dy, out, bytes);
  }
}

function softmaxRow(y: usize, dy: usize, out: usize, bytes: usize): void {
  let sum4 = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) sum4 = madd(v128.load(y + at), v128.load(dy + at), sum4);
  let sum = sumOfLanes(sum4);
  for (; at < bytes; at += 4) sum += f32.load(y + at) * f32.load(dy + at);
  const shift = f32x4.splat(sum);
  for (at = 0; at + 16 <= bytes; at += 16) {
    v128.store(out + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), shift)));
  }
  for (; at < bytes; at += 4) f32.store(out + at, f32.load(y + at) * (f32.load(dy + at) - sum));
}

function logSoftmaxRow(y: usize, dy: usize, out: usize, bytes: usize): void {
  let sum4 = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) sum4 = f32x4.add(v128.load(dy + at), sum4);
  let sum = sumOfLanes(sum4);
  for (; at < bytes; at += 4) sum += f32.load(dy + at);
  const total = f32x4.splat(sum), log2e = f32x4.splat(LOG2E);
  for (at = 0; at + 16 <= bytes; at += 16) {
    v128.store(out + at, f32x4.sub(v128.load(dy + at), f32x4.mul(exp2(f32x4.mul(v128.load(y + at), log2e)), total)));
  }
  for (; at < bytes; at += 4) {
    const weight = f32x4.extract_lane(exp2(f32x4.splat(f32.load(y + at) * LOG2E)), 0);
    f32.store(out + at, f32.load(dy + at) - weight * sum);
  }
}
