// The gradient of attention one query row at a time, heads in the lanes, as `../attention-rows.ts` goes forward: for
// neighbours, and for the scores and normalizers that the tiled kernel does not know. The weights of a row are made
// again from its scores (Dao et al. 2022, algorithm 4), some or all of its keys at a time.
//
// Whoever adds to a row owns it: an item with the pass of queries sees each of its query rows with all their keys, one
// with the pass of keys all query rows that its keys have. So sums do not depend on threads. Neighbours leave what the
// pass of keys needs, two numbers per edge and head, and come back by key (`attentionGradientKeys`).

import { Attention } from "../attention-parameters";
import { addTermsToRow, dotFourHeads, Keys, KEYS_AT, listKeysWithin, openRow, padded, scoreRow } from "../attention-rows";
import { FORBIDDEN, Row } from "../collect";
import { madd } from "../simd";
import { addBiasGradients } from "./attention-gradient-bias";
import { addFourHeads, addLeaky, addScaled, addTanh, dotOne } from "./attention-gradient-pairs";
import { AttentionGradient, clearColumns, clearPartials, forwardOf, Item, itemAt, KEYS, QUERIES } from "./attention-gradient-parameters";
import { differentiateWeights, weighRow } from "./attention-gradient-weights";

/** Where, in the scratch, a value per head stands; the list of a row's keys comes after it. */
const LANES_AT: usize = KEYS_AT + 32;

/** A unit is a group of items, all heads. `scratch`: see `rowScratchBytes` on the host's side. */
export function attentionGradientRows(params: usize, from: i32, to: i32, scratch: usize): void {
  const g = changetype<AttentionGradient>(params);
  const heads = forwardOf(g).heads;
  for (let group = from; group < to; group++) {
    clearPartials(g, group, 0, heads);
    const last = load<i32>(g.groupItems + (<usize>group << 2), 4);
    for (let index = load<i32>(g.groupItems + (<usize>group << 2)); index < last; index++) {
      differentiateRows(g, itemAt(g, index), group, 0, heads, scratch);
    }
  }
}

/** One item, for query heads `from .. to` and the key heads that they share. */
export function differentiateRows(g: AttentionGradient, item: Item, group: i32, from: i32, to: i32, scratch: usize): void {
  const a = forwardOf(g);
  const row = changetype<Row>(scratch), keys = changetype<Keys>(scratch + KEYS_AT);
  const at = <usize>item.set << 2;
  const firstRow = load<i32>(a.queryOffsets + at), keyBase = load<i32>(a.keyOffsets + at);
  if (item.passes & KEYS) {
    const sharing = a.heads / a.kvHeads, first = from / sharing, count = (to - from) / sharing;
    clearColumns(g.dk, keyBase + item.keyFrom, keyBase + item.keyTo, a.kvHeads * a.width, first * a.width, count * a.width);
    clearColumns(g.dv, keyBase + item.keyFrom, keyBase + item.keyTo, a.kvHeads * a.valueWidth, first * a.valueWidth, count * a.valueWidth);
  }
  const list = scratch + LANES_AT + (padded(a.heads) << 2);
  row.set = item.set;
  for (let index = firstRow + item.queryFrom; index < firstRow + item.queryTo; index++) {
    openRow(a, row, index);
    listKeysWithin(a, row, keys, list, item.keyFrom, item.keyTo);
    if (item.passes & QUERIES) {
      if (item.keyFrom == 0) clearColumns(g.dq, index, index + 1, a.heads * a.width, from * a.width, (to - from) * a.width);
      sumDelta(g, a, index);
    }
    if (keys.count > 0) differentiateRow(g, a, row, keys, item.passes, group, from, to, scratch, list);
  }
}

/** dy · output, which is the sum of weights times their gradients. */
function sumDelta(g: AttentionGradient, a: Attention, row: i32): void {
  const bytes = <usize>a.valueWidth << 2;
  let cell = <usize>row * <usize>a.heads;
  for (let head = 0; head < a.heads; head++, cell++) {
    f32.store(g.delta + (cell << 2), dotOne(g.dy + cell * bytes, g.output + cell * bytes, bytes));
  }
}

function differentiateRow(g: AttentionGradient, a: Attention, row: Row, keys: Keys, passes: i32, group: i32, from: i32, to: i32, scratch: usize, list: usize): void {
  const bytes = <usize>keys.count * (padded(a.heads) << 2);
  const weights = list + (<usize>((keys.count + 3) & ~3) << 2);
  const grads = weights + bytes, capped = grads + bytes;
  const inverses = scratch + LANES_AT;
  scoreRow(a, row, keys, weights);
  if (a.softcap > 0) {
    addTermsToRow(a, row, keys, weights, true, false);
    memory.copy(capped, weights, bytes);
  }
  addTermsToRow(a, row, keys, weights, false, a.bias != 0);
  weighRow(g, a, row, keys, weights, (passes & QUERIES) != 0, inverses);
  multiplyValues(g, a, row, keys, grads);
  differentiateWeights(g, a, row, keys, weights, grads, inverses);
  if ((passes & QUERIES) != 0 && (g.bias != 0 || g.biasPartials != 0)) addBiasGradients(g, a, row, keys, grads, group, from, to);
  differentiateScale(a, grads, bytes, capped);
  if (g.pairWeights != 0) keepPairs(g, a, keys, weights, grads);
  addPairs(g, a, row, keys, weights, grads, passes, group, from, to);
}

/** The gradients of weights after dropout: dy · v. */
function multiplyValues(g: AttentionGradient, a: Attention, row: Row, keys: Keys, grads: usize): void {
  if (a.normalizer == 2) return;
  const bytes = <usize>a.valueWidth << 2;
  const valueStride = <usize>a.kvHeads * bytes, stride = padded(a.heads) << 2;
  const dy = g.dy + <usize>row.row * <usize>a.heads * bytes;
  const base = a.v + <usize>row.keyBase * valueStride;
  const sharing = a.heads / a.kvHeads;
  const fours = sharing == 1 && (a.valueWidth & 3) == 0 ? a.heads & ~3 : 0;
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    const v = base + <usize>load<i32>(keys.positions + (i << 2)) * valueStride;
    const target = grads + i * stride;
    let head = 0;
    for (; head < fours; head += 4) v128.store(target + (<usize>head << 2), dotFourHeads(dy, v, head, a.valueWidth));
    for (; head < a.heads; head++) {
      const kvHead = sharing == 1 ? head : head / sharing;
      f32.store(target + (<usize>head << 2), dotOne(dy + <usize>head * bytes, v + <usize>kvHead * bytes, bytes));
    }
  }
}

/** From gradients of scores to those before softcap and scale. */
function differentiateScale(a: Attention, grads: usize, bytes: usize, capped: usize): void {
  const scale = f32x4.splat(a.scale), one = f32x4.splat(1), inverse = f32x4.splat(1 / a.softcap), none = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    let d = f32x4.mul(scale, v128.load(grads + at));
    if (a.softcap > 0) {
      const t = f32x4.mul(inverse, v128.load(capped + at));
      // A forbidden pair has 0 and a score that may be anything.
      d = v128.andnot(f32x4.mul(d, f32x4.sub(one, f32x4.mul(t, t))), f32x4.eq(d, none));
    }
    v128.store(grads + at, d);
  }
}

/** What `attentionGradientKeys` reads. */
function keepPairs(g: AttentionGradient, a: Attention, keys: Keys, weights: usize, grads: usize): void {
  const stride = padded(a.heads) << 2, bytes = <usize>a.heads << 2;
  let at = <usize>keys.firstEdge * bytes;
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    for (let head: usize = 0; head < bytes; head += 4) {
      f32.store(g.pairWeights + at, f32.load(weights + i * stride + head));
      f32.store(g.pairScores + at, f32.load(grads + i * stride + head));
      at += 4;
    }
  }
}

function addPairs(g: AttentionGradient, a: Attention, row: Row, keys: Keys, weights: usize, grads: usize, passes: i32, group: i32, from: i32, to: i32): void {
  const width = <usize>a.width << 2, valueWidth = <usize>a.valueWidth << 2;
  const keyStride = <usize>a.kvHeads * width, valueStride = <usize>a.kvHeads * valueWidth, stride = padded(a.heads) << 2;
  const sharing = a.heads / a.kvHeads, kvHead = <usize>(from / sharing);
  const forKeys = (passes & KEYS) != 0, forQueries = (passes & QUERIES) != 0;
  const q = <usize>row.row * <usize>a.heads * width, dy = g.dy + <usize>row.row * <usize>a.heads * valueWidth;
  const dvectors = forQueries && g.vectorPartials != 0 ? g.vectorPartials + <usize>((g.groupsBefore + group) * a.heads) * width : 0;
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    const keyRow = <usize>(row.keyBase + load<i32>(keys.positions + (i << 2)));
    const k = keyRow * keyStride + kvHead * width, w = weights + i * stride, d = grads + i * stride;
    if (forKeys) addValues(a, w, dy, g.dv + keyRow * valueStride + kvHead * valueWidth, from, to, sharing);
    if (a.normalizer != 2) addScores(a, w, d, a.q + q, a.k + k, forQueries ? g.dq + q : 0, forKeys ? g.dk + k : 0, dvectors, from, to, sharing);
  }
}

/** A pair's weights times dy, for query heads `from .. to`; hard attention has given its value to the chosen key alone. */
// @ts-ignore: decorator
@inline
function addValues(a: Attention, weights: usize, dy: usize, dv: usize, from: i32, to: i32, sharing: i32): void {
  const bytes = <usize>a.valueWidth << 2, chosen = a.normalizer == 2;
  let left = sharing;
  for (let head = <usize>from; head < <usize>to; head++) {
    const w = weights + (head << 2);
    if (load<u32>(w) != FORBIDDEN && !(chosen && f32.load(w) == 0)) addScaled(dv, dy + head * bytes, f32.load(w), bytes);
    if (--left == 0) {
      left = sharing;
      dv += bytes;
    }
  }
}

/** A pair's gradients `d` of scores to those of query, key and vector, as far as these are not 0; `k` and `dk` are of the first head's key. */
// @ts-ignore: decorator
@inline
function addScores(a: Attention, weights: usize, d: usize, q: usize, k: usize, dq: usize, dk: usize, dvectors: usize, from: i32, to: i32, sharing: i32): void {
  const bytes = <usize>a.width << 2, score = a.score;
  let left = sharing, head = <usize>from;
  if (bytes == 4 && sharing == 1) {
    for (; head + 4 <= <usize>to; head += 4) {
      const at = head << 2;
      addFourHeads(a, weights + at, d + at, q + at, k, a.vector + at, dq == 0 ? 0 : dq + at, dk, dvectors == 0 ? 0 : dvectors + at);
      k += 16;
      if (dk != 0) dk += 16;
    }
  }
  for (; head < <usize>to; head++) {
    if (load<u32>(weights + (head << 2)) != FORBIDDEN) {
      const x = f32.load(d + (head << 2)), ofHead = head * bytes;
      if (score == 0) {
        if (dk != 0) addScaled(dk, q + ofHead, x, bytes);
        if (dq != 0) addScaled(dq + ofHead, k, x, bytes);
      } else {
        const toQuery = dq == 0 ? 0 : dq + ofHead, toVector = dvectors == 0 ? 0 : dvectors + ofHead;
        if (score == 1) addTanh(q + ofHead, k, a.vector + ofHead, x, bytes, toQuery, dk, toVector);
        else addLeaky(q + ofHead, k, a.vector + ofHead, a.slope, x, bytes, toQuery, dk, toVector);
      }
    }
    if (--left == 0) {
      left = sharing;
      k += bytes;
      if (dk != 0) dk += bytes;
    }
  }
}

/** The pass of keys for neighbours: a unit is a key row with all the edges that come to it. */
export function attentionGradientKeys(params: usize, from: i32, to: i32, scratch: usize): void {
  const g = changetype<AttentionGradient>(params);
  const a = forwardOf(g);
  const width = <usize>a.width << 2, valueWidth = <usize>a.valueWidth << 2;
  const keyStride = <usize>a.kvHeads * width, valueStride = <usize>a.kvHeads * valueWidth;
  const rowStride = <usize>a.heads * width, dyStride = <usize>a.heads * valueWidth, pairStride = <usize>a.heads << 2;
  const sharing = a.heads / a.kvHeads;
  clearColumns(g.dk, from, to, a.kvHeads * a.width, 0, a.kvHeads * a.width);
  clearColumns(g.dv, from, to, a.kvHeads * a.valueWidth, 0, a.kvHeads * a.valueWidth);
  for (let keyRow = from; keyRow < to; keyRow++) {
    const k = <usize>keyRow * keyStride, dv = g.dv + <usize>keyRow * valueStride;
    const last = load<i32>(g.incoming + (<usize>keyRow << 2), 4);
    for (let i = load<i32>(g.incoming + (<usize>keyRow << 2)); i < last; i++) {
      const row = <usize>load<i32>(g.incomingRows + (<usize>i << 2));
      const pair = <usize>load<i32>(g.incomingPlaces + (<usize>i << 2)) * pairStride;
      addValues(a, g.pairWeights + pair, g.dy + row * dyStride, dv, 0, a.heads, sharing);
      if (a.normalizer != 2) addScores(a, g.pairWeights + pair, g.pairScores + pair, a.q + row * rowStride, a.k + k, 0, g.dk + k, 0, 0, a.heads, sharing);
    }
  }
}
