// From the scores of some of a row's keys to their weights and to the gradients of the scores, four heads to a vector
// as in `../attention-rows.ts`. What the normalizer needs of the whole row it takes from the forward pass (the
// log-sum-exp) or leaves in `statistics` where a row is seen whole, for when it is seen in parts.

import { Attention } from "../attention-parameters";
import { dropoutBase, dropoutFactor } from "../attention-dropout";
import { extract, Keys, normalizeRow, padded } from "../attention-rows";
import { FORBIDDEN, Row } from "../collect";
import { exp2, LOG2E } from "../simd";
import { AttentionGradient } from "./attention-gradient-parameters";

/** Up to four floats. */
export function loadHeads(at: usize, count: i32): v128 {
  if (count >= 4) return v128.load(at);
  let x = v128.load32_zero(at);
  if (count > 1) x = f32x4.replace_lane(x, 1, f32.load(at, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, f32.load(at, 8));
  return x;
}

/** Up to four floats. */
export function storeHeads(at: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(at, x);
  else for (let lane = 0; lane < count; lane++) f32.store(at + (<usize>lane << 2), extract(x, lane));
}

/**
 * Scores to weights in place, before dropout; a forbidden pair gets -0. `whole` says that the row's keys are all there.
 * At `inverses` goes 1 / permitted keys for the relu, a value per head.
 */
export function weighRow(g: AttentionGradient, a: Attention, row: Row, keys: Keys, scores: usize, whole: bool, inverses: usize): void {
  const stride = padded(a.heads) << 2;
  const cells = (<usize>row.row * <usize>a.heads) << 2;
  if (a.normalizer == 2 && whole) {
    normalizeRow(a, row, keys, scores);
    if (g.statistics != 0) noteChosen(a, keys, scores, g.statistics + cells);
    return;
  }
  for (let group = 0; group < a.heads; group += 4) {
    const first = scores + (<usize>group << 2), end = first + <usize>keys.count * stride;
    const cell = cells + (<usize>group << 2), heads = a.heads - group;
    if (a.normalizer == 0) {
      weighSoftmax(loadHeads(a.logSumExp + cell, heads), first, end, stride);
    } else if (a.normalizer == 1) {
      const inverse = whole ? inverseCount(first, end, stride) : loadHeads(g.statistics + cell, heads);
      if (whole && g.statistics != 0) storeHeads(g.statistics + cell, inverse, heads);
      v128.store(inverses + (<usize>group << 2), inverse);
      weighRelu(inverse, first, end, stride);
    } else {
      weighChosen(keys, loadHeads(g.statistics + cell, heads), first, stride);
    }
  }
}

function weighSoftmax(logSumExp: v128, first: usize, end: usize, stride: usize): void {
  const forbidden = f32x4.splat(-Infinity), log2e = f32x4.splat(LOG2E), sign = i32x4.splat(FORBIDDEN);
  for (let p = first; p < end; p += stride) {
    const s = v128.load(p);
    const w = exp2(f32x4.mul(f32x4.sub(s, logSumExp), log2e));
    v128.store(p, v128.bitselect(sign, w, f32x4.eq(s, forbidden)));
  }
}

function inverseCount(first: usize, end: usize, stride: usize): v128 {
  const forbidden = f32x4.splat(-Infinity), one = f32x4.splat(1);
  let count = f32x4.splat(0);
  for (let p = first; p < end; p += stride) count = f32x4.add(count, v128.andnot(one, f32x4.eq(v128.load(p), forbidden)));
  return f32x4.div(one, count);
}

function weighRelu(inverse: v128, first: usize, end: usize, stride: usize): void {
  const forbidden = f32x4.splat(-Infinity), none = f32x4.splat(0), sign = i32x4.splat(FORBIDDEN);
  for (let p = first; p < end; p += stride) {
    const s = v128.load(p);
    const w = f32x4.mul(v128.bitselect(none, s, f32x4.le(s, none)), inverse);
    v128.store(p, v128.bitselect(sign, w, f32x4.eq(s, forbidden)));
  }
}

/** Positions of the chosen keys, -1 where there is none. */
function noteChosen(a: Attention, keys: Keys, weights: usize, to: usize): void {
  const stride = padded(a.heads) << 2;
  for (let head: usize = 0; head < <usize>a.heads; head++) {
    let chosen: i32 = -1;
    for (let i: usize = 0; i < <usize>keys.count; i++) {
      if (f32.load(weights + i * stride + (head << 2)) != 0) chosen = load<i32>(keys.positions + (i << 2));
    }
    store<i32>(to + (head << 2), chosen);
  }
}

function weighChosen(keys: Keys, chosen: v128, first: usize, stride: usize): void {
  const forbidden = f32x4.splat(-Infinity), one = f32x4.splat(1), nan = f32x4.splat(NaN), sign = i32x4.splat(FORBIDDEN);
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    const p = first + i * stride;
    const s = v128.load(p);
    const w = v128.and(v128.bitselect(nan, one, f32x4.ne(s, s)), i32x4.eq(chosen, i32x4.splat(load<i32>(keys.positions + (i << 2)))));
    v128.store(p, v128.bitselect(sign, w, f32x4.eq(s, forbidden)));
  }
}

/**
 * At `grads` stand the gradients of weights after dropout, dy · v; they become those of scores. Weights get their
 * dropout.
 */
export function differentiateWeights(g: AttentionGradient, a: Attention, row: Row, keys: Keys, weights: usize, grads: usize, inverses: usize): void {
  const stride = padded(a.heads) << 2;
  const sign = i32x4.splat(FORBIDDEN), none = f32x4.splat(0);
  const cells = (<usize>row.row * <usize>a.heads) << 2;
  const dropping = a.keepScale > 0;
  for (let group = 0; group < a.heads; group += 4) {
    const heads = a.heads - group, cell = cells + (<usize>group << 2);
    const base = dropping ? dropoutBase(i32x4.splat(row.row), i32x4.add(i32x4.splat(group), i32x4(0, 1, 2, 3))) : none;
    const delta = a.normalizer == 0 ? loadHeads(g.delta + cell, heads) : none;
    const inverse = a.normalizer == 1 ? v128.load(inverses + (<usize>group << 2)) : none;
    let at = <usize>group << 2;
    for (let i: usize = 0; i < <usize>keys.count; i++) {
      const w = v128.load(weights + at);
      let d = v128.load(grads + at);
      if (dropping) {
        const factor = dropoutFactor(a, base, i32x4.splat(load<i32>(keys.positions + (i << 2))));
        d = f32x4.mul(d, factor);
        v128.store(weights + at, f32x4.mul(w, factor));
      }
      if (a.normalizer == 0) d = f32x4.mul(w, f32x4.sub(d, delta));
      else if (a.normalizer == 1) d = v128.andnot(f32x4.mul(d, inverse), f32x4.le(w, none));
      else d = none;
      v128.store(grads + at, v128.andnot(d, i32x4.eq(w, sign)));
      at += stride;
    }
  }
}
