// Attention one query row at a time, heads in the lanes: for neighbours, whose keys lie anywhere, and for the scores
// and normalizers that the tiled kernel does not know. A row's scores stand as [keys of the row][heads padded to
// four], so that the normalizer runs down the keys for four heads at once. Nothing of the size of edges × width is
// ever made.

import { dropoutBase, dropoutFactor } from "./attention-dropout";
import { Attention } from "./attention-parameters";
import { beginRow, collect, collectEdges, FORBIDDEN, fullRow, Row, ROW_BYTES } from "./collect";
import { biasOf, shiftOf } from "./score-terms";
import { exp2, larger, LN2, log2, LOG2E, madd, sumOfLanes, tanh } from "./simd";

/** Entries whose rows are fetched at a time. */
const AHEAD: i32 = 32;

/**
 * Reads a word of each cache line of the key and value rows of entries `from .. from + AHEAD`, so that all of them are
 * under way at once: where keys lie anywhere, waiting for memory is the cost. The sum keeps the reads from being left
 * out; its place is overwritten later.
 */
function fetchAhead(keys: Keys, from: i32, k: usize, keyBytes: usize, v: usize, valueBytes: usize, place: usize): void {
  let sum: i32 = 0;
  const to = min(keys.count, from + AHEAD);
  for (let i = from; i < to; i++) {
    const position = <usize>load<i32>(keys.positions + (<usize>i << 2));
    const key = k + position * keyBytes, value = v + position * valueBytes;
    for (let at: usize = 0; at < keyBytes; at += 64) sum |= load<i32>(key + at);
    for (let at: usize = 0; at < valueBytes; at += 64) sum |= load<i32>(value + at);
  }
  store<i32>(place, sum);
}

/** Where a row's keys are listed, and their edge numbers where there are edges. */
// @ts-ignore: decorator
@unmanaged
export class Keys {
  positions: usize; // i32
  edges: usize; // i32, or 0: counted from `firstEdge`
  firstEdge: i32;
  count: i32;
}

export const KEYS_AT: usize = ROW_BYTES;
const LIST_AT: usize = ROW_BYTES + 32;

/**
 * A unit is a query row, all heads. `scratch` holds a list of the longest row's keys, its weights [keys][heads padded
 * to four] and their means [keys]. Column sums add over rows: see `attentionMaps`.
 */
export function attentionRows(params: usize, from: i32, to: i32, scratch: usize): void {
  const a = changetype<Attention>(params);
  const row = changetype<Row>(scratch), keys = changetype<Keys>(scratch + KEYS_AT);
  row.set = setOf(a, from);
  for (let index = from; index < to; index++) {
    openRow(a, row, index);
    listKeys(a, row, keys, scratch + LIST_AT);
    const weights = scratch + LIST_AT + (<usize>((keys.count + 3) & ~3) << 2);
    scoreRow(a, row, keys, weights);
    addTermsToRow(a, row, keys, weights, a.softcap > 0, a.bias != 0);
    normalizeRow(a, row, keys, weights);
    if (a.topK > 0 || a.rowSlots != 0 || a.columnSums != 0 || a.edgeWeights != 0 || (a.full != 0 && a.stage == 0)) mapRow(a, row, keys, weights);
    if (isDefined(TRAINING)) {
      if (a.keepScale > 0) dropWeights(a, row, keys, weights);
    }
    sumValues(a, row, keys, weights);
  }
}

/** Scores before the normalizer, for `full` at stages 1 to 3; a unit is a query row, all heads. */
export function attentionRowScores(params: usize, from: i32, to: i32, scratch: usize): void {
  const a = changetype<Attention>(params);
  const row = changetype<Row>(scratch), keys = changetype<Keys>(scratch + KEYS_AT);
  row.set = setOf(a, from);
  for (let index = from; index < to; index++) {
    openRow(a, row, index);
    if (a.stage == 3) listKeys(a, row, keys, scratch + LIST_AT);
    else listAll(row, keys, scratch + LIST_AT);
    const scores = scratch + LIST_AT + (<usize>((keys.count + 3) & ~3) << 2);
    scoreRow(a, row, keys, scores);
    addTermsToRow(a, row, keys, scores, a.softcap > 0 && a.stage > 1, a.stage == 3 && a.bias != 0);
    const stride = padded(a.heads) << 2;
    // One head after another, or the mean of all of them: `each` heads make one plane of the map.
    const each = a.heads / a.mapHeads;
    for (let plane = 0; plane < a.mapHeads; plane++) {
      const target = fullRow(a, row, plane);
      if (a.stage == 3) for (let key: usize = 0; key < <usize>row.keys; key++) f32.store(target + (key << 2), -Infinity);
      for (let i: usize = 0; i < <usize>keys.count; i++) {
        const key = <usize>load<i32>(keys.positions + (i << 2));
        let sum: f32 = 0;
        for (let head = plane * each; head < (plane + 1) * each; head++) sum += f32.load(scores + i * stride + (<usize>head << 2));
        f32.store(target + (key << 2), sum / <f32>each);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
export function padded(heads: i32): usize {
  return <usize>((heads + 3) & ~3);
}

/** The set that holds a query row, by bisection. */
export function setOf(a: Attention, row: i32): i32 {
  let low: i32 = 0, high: i32 = a.sets;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<i32>(a.queryOffsets + (<usize>middle << 2)) <= row) low = middle;
    else high = middle;
  }
  return low;
}

export function openRow(a: Attention, row: Row, index: i32): void {
  while (index >= load<i32>(a.queryOffsets + (<usize>row.set << 2), 4)) row.set++;
  const at = <usize>row.set << 2;
  const first = load<i32>(a.queryOffsets + at);
  row.row = index;
  row.position = index - first;
  row.queries = load<i32>(a.queryOffsets + at, 4) - first;
  row.keyBase = load<i32>(a.keyOffsets + at);
  row.keys = load<i32>(a.keyOffsets + at, 4) - row.keyBase;
}

function listAll(row: Row, keys: Keys, list: usize): void {
  keys.positions = list;
  keys.edges = 0;
  keys.firstEdge = 0;
  keys.count = row.keys;
  for (let key = 0; key < row.keys; key++) store<i32>(list + (<usize>key << 2), key);
}

function listKeys(a: Attention, row: Row, keys: Keys, list: usize): void {
  listKeysWithin(a, row, keys, list, 0, row.keys);
}

/** Those of a row's keys that lie in `from .. to`; all of them, if they are edges. */
export function listKeysWithin(a: Attention, row: Row, keys: Keys, list: usize, from: i32, to: i32): void {
  const at = <usize>row.row << 2;
  keys.edges = 0;
  keys.firstEdge = 0;
  if (a.form == 2) {
    const first = load<i32>(a.first + at);
    keys.positions = a.second + (<usize>first << 2);
    keys.edges = a.third == 0 ? 0 : a.third + (<usize>first << 2);
    keys.firstEdge = first;
    keys.count = load<i32>(a.first + at, 4) - first;
    return;
  }
  keys.positions = list;
  let count = 0;
  if (a.form == 0) {
    const end = min(to, load<i32>(a.second + at));
    for (let key = max(from, load<i32>(a.first + at)); key < end; key++) {
      store<i32>(list + (<usize>count << 2), key);
      count++;
    }
  } else {
    const block = load<i32>(a.blockOffsets + (<usize>row.set << 2)) + (row.position >> 3);
    const lane = <u8>(row.position & 7);
    const last = load<i32>(a.first + (<usize>block << 2), 4);
    for (let segment = load<i32>(a.first + (<usize>block << 2)); segment < last; segment++) {
      const s = <usize>segment << 2;
      const start = load<i32>(a.second + s), end = min(to, load<i32>(a.third + s)), mask = load<i32>(a.masks + s);
      for (let key = max(from, start); key < end; key++) {
        if (mask >= 0 && ((load<u8>(a.bits + <usize>(mask + key - start)) >> lane) & 1) == 0) continue;
        store<i32>(list + (<usize>count << 2), key);
        count++;
      }
    }
  }
  keys.count = count;
}

/** Scaled scores of a row's keys. */
export function scoreRow(a: Attention, row: Row, keys: Keys, scores: usize): void {
  const keyStride = <usize>(a.kvHeads * a.width) << 2;
  const q = a.q + ((<usize>row.row * <usize>(a.heads * a.width)) << 2);
  const base = a.k + <usize>row.keyBase * keyStride;
  const valueStride = <usize>(a.kvHeads * a.valueWidth) << 2;
  const values = a.v + <usize>row.keyBase * valueStride;
  const stride = padded(a.heads) << 2;
  const equal = a.heads == a.kvHeads;
  const fours = a.heads & ~3;
  const narrow = a.form == 2 && keyStride + valueStride <= 1024;
  for (let i = 0; i < keys.count; i++) {
    const k = base + <usize>load<i32>(keys.positions + (<usize>i << 2)) * keyStride;
    const target = scores + <usize>i * stride;
    if (narrow && i % AHEAD == 0) fetchAhead(keys, i, base, keyStride, values, valueStride, target);
    let head = 0;
    if (equal && a.score == 0 && (a.width & 3) == 0) {
      for (; head < fours; head += 4) v128.store(target + (<usize>head << 2), f32x4.mul(dotFourHeads(q, k, head, a.width), f32x4.splat(a.scale)));
    } else if (equal && a.width == 1) {
      for (; head < fours; head += 4) {
        const at = <usize>head << 2;
        const x = a.score == 0 ? f32x4.mul(v128.load(q + at), v128.load(k + at)) : f32x4.mul(v128.load(a.vector + at), additive(a, v128.load(q + at), v128.load(k + at)));
        v128.store(target + at, f32x4.mul(x, f32x4.splat(a.scale)));
      }
    } else if (equal && (a.width & 3) == 0) {
      for (; head < fours; head += 4) {
        const x = a.score == 1 ? tanhFourHeads(a, q, k, head) : leakyFourHeads(a, q, k, head);
        v128.store(target + (<usize>head << 2), f32x4.mul(x, f32x4.splat(a.scale)));
      }
    }
    for (; head < a.heads; head++) {
      const kvHead = equal ? head : (head * a.kvHeads) / a.heads;
      f32.store(target + (<usize>head << 2), scoreOne(a, q + (<usize>(head * a.width) << 2), k + (<usize>(kvHead * a.width) << 2), head) * a.scale);
    }
  }
}

/** [Σx0, Σx1, Σx2, Σx3]. */
// @ts-ignore: decorator
@inline
function sumsOf(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const s01 = f32x4.add(v128.shuffle<i32>(x0, x1, 0, 1, 4, 5), v128.shuffle<i32>(x0, x1, 2, 3, 6, 7));
  const s23 = f32x4.add(v128.shuffle<i32>(x2, x3, 0, 1, 4, 5), v128.shuffle<i32>(x2, x3, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<i32>(s01, s23, 0, 2, 4, 6), v128.shuffle<i32>(s01, s23, 1, 3, 5, 7));
}

export function dotFourHeads(q: usize, k: usize, head: i32, width: i32): v128 {
  const bytes = <usize>width << 2;
  let at = <usize>head * bytes;
  const end = at + bytes;
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0;
  for (; at < end; at += 16) {
    const q0 = q + at, k0 = k + at, q1 = q0 + bytes, k1 = k0 + bytes, q2 = q1 + bytes, k2 = k1 + bytes;
    x0 = madd(v128.load(q0), v128.load(k0), x0);
    x1 = madd(v128.load(q1), v128.load(k1), x1);
    x2 = madd(v128.load(q2), v128.load(k2), x2);
    x3 = madd(v128.load(q2 + bytes), v128.load(k2 + bytes), x3);
  }
  return sumsOf(x0, x1, x2, x3);
}

/** act(q + k); leaky ReLU as max(x, 0) + slope · min(x, 0). */
// @ts-ignore: decorator
@inline
function additive(a: Attention, q: v128, k: v128): v128 {
  const x = f32x4.add(q, k);
  // Not `if (...) return tanh(x)`: inlined, the compiler would take the hyperbolic tangent either way.
  return a.score == 1 ? tanh(x) : leaky(x, f32x4.splat(a.slope));
}

// @ts-ignore: decorator
@inline
function leaky(x: v128, slope: v128): v128 {
  const none = f32x4.splat(0);
  return madd(slope, f32x4.pmin(x, none), f32x4.pmax(x, none));
}

function leakyFourHeads(a: Attention, q: usize, k: usize, head: i32): v128 {
  const bytes = <usize>a.width << 2;
  const slope = f32x4.splat(a.slope);
  const vector = a.vector;
  let at = <usize>head * bytes;
  const end = at + bytes;
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0;
  for (; at < end; at += 16) {
    const h1 = at + bytes, h2 = h1 + bytes, h3 = h2 + bytes;
    x0 = madd(v128.load(vector + at), leaky(f32x4.add(v128.load(q + at), v128.load(k + at)), slope), x0);
    x1 = madd(v128.load(vector + h1), leaky(f32x4.add(v128.load(q + h1), v128.load(k + h1)), slope), x1);
    x2 = madd(v128.load(vector + h2), leaky(f32x4.add(v128.load(q + h2), v128.load(k + h2)), slope), x2);
    x3 = madd(v128.load(vector + h3), leaky(f32x4.add(v128.load(q + h3), v128.load(k + h3)), slope), x3);
  }
  return sumsOf(x0, x1, x2, x3);
}

function tanhFourHeads(a: Attention, q: usize, k: usize, head: i32): v128 {
  const bytes = <usize>a.width << 2;
  const vector = a.vector;
  let at = <usize>head * bytes;
  const end = at + bytes;
  let x0 = f32x4.splat(0), x1 = x0, x2 = x0, x3 = x0;
  for (; at < end; at += 16) {
    const h1 = at + bytes, h2 = h1 + bytes, h3 = h2 + bytes;
    x0 = madd(v128.load(vector + at), tanh(f32x4.add(v128.load(q + at), v128.load(k + at))), x0);
    x1 = madd(v128.load(vector + h1), tanh(f32x4.add(v128.load(q + h1), v128.load(k + h1))), x1);
    x2 = madd(v128.load(vector + h2), tanh(f32x4.add(v128.load(q + h2), v128.load(k + h2))), x2);
    x3 = madd(v128.load(vector + h3), tanh(f32x4.add(v128.load(q + h3), v128.load(k + h3))), x3);
  }
  return sumsOf(x0, x1, x2, x3);
}

/** One head at any width; columns beyond a multiple of four one by one. */
function scoreOne(a: Attention, q: usize, k: usize, head: i32): f32 {
  const vector = a.vector + (<usize>(head * a.width) << 2);
  const end = <usize>a.width << 2;
  let x = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    const left = a.score == 0 ? v128.load(q + at) : v128.load(vector + at);
    const right = a.score == 0 ? v128.load(k + at) : additive(a, v128.load(q + at), v128.load(k + at));
    x = madd(left, right, x);
  }
  let sum = sumOfLanes(x);
  for (; at < end; at += 4) {
    if (a.score == 0) sum += f32.load(q + at) * f32.load(k + at);
    else sum += f32.load(vector + at) * f32x4.extract_lane(additive(a, v128.load32_splat(q + at), v128.load32_splat(k + at)), 0);
  }
  return sum;
}

/** Softcap and bias, in natural units; a bias of -Infinity makes -Infinity whatever the score was. */
export function addTermsToRow(a: Attention, row: Row, keys: Keys, scores: usize, capping: bool, biasing: bool): void {
  const stride = padded(a.heads) << 2;
  if (capping) {
    const cap = f32x4.splat(a.softcap), inverse = f32x4.splat(1 / a.softcap);
    const end = scores + <usize>keys.count * stride;
    for (let p = scores; p < end; p += 16) v128.store(p, f32x4.mul(tanh(f32x4.mul(v128.load(p), inverse)), cap));
  }
  if (!biasing) return;
  for (let i = 0; i < keys.count; i++) {
    const key = load<i32>(keys.positions + (<usize>i << 2));
    const edge = keys.edges != 0 ? load<i32>(keys.edges + (<usize>i << 2)) : keys.firstEdge + i;
    for (let head = 0; head < a.heads; head++) {
      const bias = biasOf(a, row.set, head, row.position, key, edge);
      const cell = scores + <usize>i * stride + (<usize>head << 2);
      f32.store(cell, bias == -Infinity ? -Infinity : f32.load(cell) + bias);
    }
  }
}

/**
 * Scores to weights in place. A forbidden pair gets -0, so that `sumValues` can leave it out whatever its value is;
 * all other weights are +0 or more.
 */
export function normalizeRow(a: Attention, row: Row, keys: Keys, scores: usize): void {
  const stride = padded(a.heads) << 2;
  for (let group = 0; group < a.heads; group += 4) {
    const first = scores + (<usize>group << 2);
    const end = first + <usize>keys.count * stride;
    if (a.normalizer == 0) softmaxLanes(a, row, first, end, stride, group);
    else if (a.normalizer == 1) reluLanes(first, end, stride);
    else hardLanes(first, end, stride);
  }
}

function softmaxLanes(a: Attention, row: Row, first: usize, end: usize, stride: usize, group: i32): void {
  const forbidden = f32x4.splat(-Infinity), log2e = f32x4.splat(LOG2E), none = f32x4.splat(0), sign = i32x4.splat(FORBIDDEN);
  let m = forbidden;
  for (let p = first; p < end; p += stride) m = larger(m, v128.load(p));
  m = v128.andnot(m, f32x4.eq(m, forbidden));
  let sum = none;
  for (let p = first; p < end; p += stride) {
    const s = v128.load(p);
    const w = exp2(f32x4.mul(f32x4.sub(s, m), log2e));
    sum = f32x4.add(sum, w);
    v128.store(p, v128.or(w, v128.and(sign, f32x4.eq(s, forbidden))));
  }
  const empty = f32x4.eq(sum, none);
  const inverse = v128.andnot(f32x4.div(f32x4.splat(1), sum), empty);
  let plogp = none;
  for (let p = first; p < end; p += stride) {
    const w = f32x4.mul(v128.load(p), inverse);
    v128.store(p, w);
    if (a.entropy != 0) plogp = v128.bitselect(plogp, madd(w, log2(w), plogp), f32x4.eq(w, none));
  }
  const lse = v128.bitselect(forbidden, madd(log2(sum), f32x4.splat(LN2), m), empty);
  const h = f32x4.sub(none, f32x4.mul(plogp, f32x4.splat(LN2)));
  const at = (<usize>row.row * <usize>a.heads + <usize>group) << 2;
  for (let lane = 0; lane < min(4, a.heads - group); lane++) {
    if (a.logSumExp != 0) f32.store(a.logSumExp + at + (<usize>lane << 2), extract(lse, lane));
    if (a.entropy != 0) f32.store(a.entropy + at + (<usize>lane << 2), extract(h, lane) + 0);
  }
}

export function extract(x: v128, lane: i32): f32 {
  if (lane == 0) return f32x4.extract_lane(x, 0);
  if (lane == 1) return f32x4.extract_lane(x, 1);
  return lane == 2 ? f32x4.extract_lane(x, 2) : f32x4.extract_lane(x, 3);
}

/** max(score, 0) over the number of pairs that are permitted. */
function reluLanes(first: usize, end: usize, stride: usize): void {
  const forbidden = f32x4.splat(-Infinity), one = f32x4.splat(1), none = f32x4.splat(0), sign = i32x4.splat(FORBIDDEN);
  let count = none;
  for (let p = first; p < end; p += stride) count = f32x4.add(count, v128.andnot(one, f32x4.eq(v128.load(p), forbidden)));
  for (let p = first; p < end; p += stride) {
    const s = v128.load(p);
    const w = f32x4.div(v128.bitselect(none, s, f32x4.le(s, none)), count);
    v128.store(p, v128.bitselect(sign, w, f32x4.eq(s, forbidden)));
  }
}

/** 1 for the first of the largest scores, 0 for the others; a NaN counts as the largest, and makes the row NaN. */
function hardLanes(first: usize, end: usize, stride: usize): void {
  const forbidden = f32x4.splat(-Infinity), none = f32x4.splat(0), sign = i32x4.splat(FORBIDDEN), one = f32x4.splat(1);
  let m = forbidden, spoiled = none;
  for (let p = first; p < end; p += stride) {
    const s = v128.load(p);
    m = larger(m, s);
    spoiled = v128.or(spoiled, f32x4.ne(s, s));
  }
  const weight = v128.bitselect(f32x4.splat(NaN), one, spoiled);
  let open = v128.or(f32x4.ne(m, forbidden), spoiled);
  for (let p = first; p < end; p += stride) {
    const s = v128.load(p);
    const chosen = v128.and(open, v128.bitselect(f32x4.ne(s, s), f32x4.eq(s, m), spoiled));
    open = v128.andnot(open, chosen);
    v128.store(p, v128.bitselect(sign, v128.and(weight, chosen), f32x4.eq(s, forbidden)));
  }
}

/** Dropout, after maps have seen the weights; a forbidden pair keeps its -0. */
function dropWeights(a: Attention, row: Row, keys: Keys, weights: usize): void {
  const stride = padded(a.heads) << 2;
  for (let head = 0; head < a.heads; head += 4) {
    const base = dropoutBase(i32x4.splat(row.row), i32x4.add(i32x4.splat(head), i32x4(0, 1, 2, 3)));
    let w = weights + (<usize>head << 2);
    for (let i: usize = 0; i < <usize>keys.count; i++) {
      const key = i32x4.splat(load<i32>(keys.positions + (i << 2)));
      v128.store(w, f32x4.mul(v128.load(w), dropoutFactor(a, base, key)));
      w += stride;
    }
  }
}

/** Whether a weight takes its value in: not where the pair is forbidden, and for hard attention the chosen one alone. */
// @ts-ignore: decorator
@inline
function counts(a: Attention, weight: usize): bool {
  return a.normalizer == 2 ? f32.load(weight) != 0 : load<u32>(weight) != FORBIDDEN;
}

/** Output row: the weighted sum of value rows. */
function sumValues(a: Attention, row: Row, keys: Keys, weights: usize): void {
  if (a.heads == a.kvHeads && (a.valueWidth & 3) == 0 && a.valueWidth <= 16) sumNarrowValues(a, row, keys, weights);
  else sumWideValues(a, row, keys, weights);
}

/** All of a value row at a time, the sums in memory: for rows that are read from anywhere. */
function sumNarrowValues(a: Attention, row: Row, keys: Keys, weights: usize): void {
  const width = <usize>a.valueWidth << 2;
  const bytes = <usize>a.heads * width;
  const base = a.v + <usize>row.keyBase * bytes;
  const stride = padded(a.heads) << 2;
  const out = a.out + <usize>row.row * bytes;
  memory.fill(out, 0, bytes);
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    let v = base + <usize>load<i32>(keys.positions + (i << 2)) * bytes;
    let to = out;
    const last = weights + ((<usize>a.heads) << 2);
    for (let w = weights; w < last; w += 4) {
      if (!counts(a, w)) {
        v += width;
        to += width;
        continue;
      }
      const weight = v128.load32_splat(w);
      for (const end = to + width; to < end; to += 16) {
        v128.store(to, madd(weight, v128.load(v), v128.load(to)));
        v += 16;
      }
    }
    weights += stride;
  }
}

/** Eight columns of a head at a time in registers. */
function sumWideValues(a: Attention, row: Row, keys: Keys, weights: usize): void {
  const valueStride = <usize>(a.kvHeads * a.valueWidth) << 2;
  const base = a.v + <usize>row.keyBase * valueStride;
  const stride = padded(a.heads) << 2;
  const out = a.out + ((<usize>row.row * <usize>(a.heads * a.valueWidth)) << 2);
  for (let head = 0; head < a.heads; head++) {
    const kvHead = (head * a.kvHeads) / a.heads;
    const column0 = base + (<usize>(kvHead * a.valueWidth) << 2);
    const target = out + (<usize>(head * a.valueWidth) << 2);
    const w0 = weights + (<usize>head << 2);
    let column = 0;
    for (; column + 8 <= a.valueWidth; column += 8) {
      let x0 = f32x4.splat(0), x1 = x0;
      let w = w0;
      for (let i: usize = 0; i < <usize>keys.count; i++) {
        if (counts(a, w)) {
          const v = column0 + <usize>load<i32>(keys.positions + (i << 2)) * valueStride + (<usize>column << 2);
          const weight = v128.load32_splat(w);
          x0 = madd(weight, v128.load(v), x0);
          x1 = madd(weight, v128.load(v, 16), x1);
        }
        w += stride;
      }
      v128.store(target + (<usize>column << 2), x0);
      v128.store(target + (<usize>column << 2), x1, 16);
    }
    for (; column < a.valueWidth; column++) {
      let x: f32 = 0;
      let w = w0;
      for (let i: usize = 0; i < <usize>keys.count; i++) {
        if (counts(a, w)) {
          x += f32.load(w) * f32.load(column0 + <usize>load<i32>(keys.positions + (i << 2)) * valueStride + (<usize>column << 2));
        }
        w += stride;
      }
      f32.store(target + (<usize>column << 2), x);
    }
  }
}

function mapRow(a: Attention, row: Row, keys: Keys, weights: usize): void {
  const heads = padded(a.heads);
  beginRow(a, row);
  if (a.mapHeads == a.heads) {
    for (let head = 0; head < a.heads; head++) hand(a, row, keys, head, weights + (<usize>head << 2), heads << 2);
    return;
  }
  const means = weights + <usize>keys.count * (heads << 2);
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    // Not from 0: the sum of forbidden weights must stay -0.
    let sum = f32.load(weights + ((i * heads) << 2));
    for (let head: usize = 1; head < <usize>a.heads; head++) sum += f32.load(weights + ((i * heads + head) << 2));
    f32.store(means + (i << 2), sum / <f32>a.heads);
  }
  hand(a, row, keys, 0, means, 4);
}

function hand(a: Attention, row: Row, keys: Keys, head: i32, weights: usize, stride: usize): void {
  collect(a, row, head, weights, stride, keys.positions, 0, keys.count);
  if (a.edgeWeights != 0) collectEdges(a, head, weights, stride, keys.edges, keys.firstEdge, keys.count);
}
