// Fused attention for ranges and segments of keys, dot scores and softmax: queries in the lanes.
//
// Eight queries stand side by side in two vectors. A register tile gives the scores of six keys for all eight, as
// rows of eight; the softmax then runs down the keys in plain vertical operations, and its weights are already the
// vector operand of the second product, whose broadcast operand is the packed values. The running maximum is kept
// stale until a score passes it by 2^8 (both are exact: the sum carries the same factor), so that the sums are
// rarely rescaled (Milakov and Gimelshein 2018; Dao et al. 2022 for the blocking).

import { dropoutBase, dropoutFactor } from "./attention-dropout";
import { Attention, Block, BLOCK_BYTES, BOUNDS, ENDS, MAXIMA, Packed, PACKED_BYTES, STARTS, SUMS } from "./attention-parameters";
import { keyBytes, packHeads, valueBytes } from "./attention-pack";
import { addTerms, rawScale } from "./score-terms";
import { fetch, packEightRows } from "./pack";
import { exp2, exp2By, EXP2_BYTES, larger, LN2, log2, LOG2E, LOWEST, madd, storeExp2 } from "./simd";
import { tile4x8, tile6x8 } from "./tile";

/** The most keys that are scored at a time: 32 panels. */
export const CHUNK: i32 = 192;

const SLACK: f32 = 8;

/**
 * A unit is a group of blocks of eight queries of one set, for some key heads and all query heads that share them.
 * `scratch` holds what is packed, the constants of 2^x, a block, and the packed keys and values.
 */
export function attention(params: usize, from: i32, to: i32, scratch: usize): void {
  const a = changetype<Attention>(params);
  const packed = changetype<Packed>(scratch);
  const self = scratch + PACKED_BYTES + EXP2_BYTES;
  const panels = self + blockBytes(a);
  storeExp2(scratch + PACKED_BYTES);
  const parts = a.kvHeads / a.headsPerUnit;
  for (let unit = from; unit < to; unit++) {
    let group = unit / parts;
    let part = unit % parts;
    const set = load<i32>(a.blockSets + (<usize>load<i32>(a.groupBlocks + (<usize>group << 2)) << 2));
    if (a.headsFirst == 0) {
      const groups = load<i32>(a.groupOffsets + (<usize>set << 2));
      const count = load<i32>(a.groupOffsets + (<usize>set << 2), 4) - groups;
      const place = unit - groups * parts;
      part = place / count;
      group = groups + place % count;
    }
    attendGroup(a, packed, set, group, part * a.headsPerUnit, self, panels);
  }
}

/** Bytes of a block with its queries, scores, masks and sums. */
function blockBytes(a: Attention): usize {
  return BLOCK_BYTES + (<usize>a.width << 5) + <usize>(CHUNK * 64) + (<usize>a.valueColumns << 5);
}

function attendGroup(a: Attention, packed: Packed, set: i32, group: i32, kvHead: i32, self: usize, panels: usize): void {
  const firstBlock = load<i32>(a.groupBlocks + (<usize>group << 2));
  const lastBlock = load<i32>(a.groupBlocks + (<usize>group << 2), 4);
  const span = changetype<Bounds>(self + BOUNDS);
  spanOf(a, set, firstBlock, lastBlock, span);
  const first = span.low, last = span.high;
  const forKeys = keyBytes(a, first, last), forHead = forKeys + valueBytes(a, first, last);
  const sharing = a.heads / a.kvHeads;
  const heads = a.headsPerUnit * sharing;
  const far = heads > 1 && a.queries * a.heads * (a.width + a.valueWidth) > FAR;
  if (first < last) packHeads(a, packed, set, kvHead, first, last, panels, far && a.headsPerUnit == a.kvHeads);
  for (let index = firstBlock; index < lastBlock; index++) {
    if (far) fetchRows(a, index, kvHead * sharing, heads, self);
    for (let head = kvHead * sharing; head < (kvHead + a.headsPerUnit) * sharing; head++) {
      const block = openBlock(a, index, head, self);
      const keys = panels + <usize>(head / sharing - kvHead) * forHead;
      block.keyPanels = keys - <usize>(first / 6) * <usize>(a.width * 24);
      block.valuePanels = keys + forKeys;
      block.valueFirst = first;
      block.valueKeys = last - first;
      block.careful = packed.careful;
      if (a.form == 0) attendRanges(a, block);
      else attendSegments(a, block, index);
      closeBlock(a, block);
    }
  }
}

/** Numbers in queries and results of a call from which on they are not in the second-level cache: below it fetching cost 2 to 4 %, above it saved 2 to 3. */
const FAR: i32 = 1048576;

/**
 * Reads a word of each cache line of a block's queries and results, in order: head by head they would come in pieces, and
 * each piece would be waited for.
 */
function fetchRows(a: Attention, index: i32, head: i32, heads: i32, place: usize): void {
  const at = <usize>load<i32>(a.blockSets + (<usize>index << 2)) << 2;
  const row = load<i32>(a.queryOffsets + at) + ((index - load<i32>(a.blockOffsets + at)) << 3);
  const rows = min(8, load<i32>(a.queryOffsets + at, 4) - row);
  let sum: i32 = 0;
  for (let i = 0; i < rows; i++) {
    const first = <usize>((row + i) * a.heads + head);
    sum |= fetch(a.q + ((first * <usize>a.width) << 2), <usize>(heads * a.width) << 2);
    sum |= fetch(a.out + ((first * <usize>a.valueWidth) << 2), <usize>(heads * a.valueWidth) << 2);
  }
  store<i32>(place, sum); // so that the reads are not left out
}

/** The keys that a group may attend to, from a multiple of six; all of the set, if they are more than half of it. */
function spanOf(a: Attention, set: i32, firstBlock: i32, lastBlock: i32, span: Bounds): void {
  const at = <usize>set << 2;
  const keys = load<i32>(a.keyOffsets + at, 4) - load<i32>(a.keyOffsets + at);
  let low = keys, high: i32 = 0;
  if (a.form == 0) {
    const base = load<i32>(a.queryOffsets + at), blocks = load<i32>(a.blockOffsets + at);
    const lastRow = min(load<i32>(a.queryOffsets + at, 4), base + ((lastBlock - blocks) << 3));
    for (let row = base + ((firstBlock - blocks) << 3); row < lastRow; row++) {
      const start = load<i32>(a.first + (<usize>row << 2)), end = load<i32>(a.second + (<usize>row << 2));
      if (start >= end) continue;
      low = min(low, start);
      high = max(high, end);
    }
  } else {
    for (let index = firstBlock; index < lastBlock; index++) {
      const start = load<i32>(a.first + (<usize>index << 2)), end = load<i32>(a.first + (<usize>index << 2), 4);
      if (start >= end) continue;
      low = min(low, load<i32>(a.second + (<usize>start << 2)));
      high = max(high, load<i32>(a.third + (<usize>(end - 1) << 2)));
    }
  }
  const whole = low < high && (high - low) * 2 > keys;
  span.low = whole ? 0 : (low / 6) * 6;
  span.high = whole ? keys : high;
}

/** Fills in the state of block `index` for `head` at `self`, and packs its queries. */
export function openBlock(a: Attention, index: i32, head: i32, self: usize): Block {
  const block = changetype<Block>(self);
  const set = load<i32>(a.blockSets + (<usize>index << 2));
  const at = <usize>set << 2;
  const firstRow = load<i32>(a.queryOffsets + at);
  const queries = load<i32>(a.queryOffsets + at, 4) - firstRow;
  const base = load<i32>(a.keyOffsets + at);
  const position = (index - load<i32>(a.blockOffsets + at)) << 3;
  block.set = set;
  block.head = head;
  block.row = firstRow + position;
  block.position = position;
  block.rows = min(8, queries - position);
  block.keys = load<i32>(a.keyOffsets + at, 4) - base;
  block.keyBase = base;
  block.queriesOfSet = queries;
  block.shift = block.keys - queries;
  block.valueFirst = 0;
  block.valueKeys = block.keys;
  block.fresh = 1;
  block.q = self + BLOCK_BYTES;
  block.s = block.q + (<usize>a.width << 5);
  block.o = block.s + <usize>(CHUNK * 64); // scores, then the masks of `markForbidden`
  const stride = <usize>(a.heads * a.width) << 2;
  packEightRows(a.q + <usize>block.row * stride + (<usize>(head * a.width) << 2), stride, block.rows, a.width, rawScale(a), block.q);
  for (let half: usize = 0; half < 32; half += 16) {
    v128.store(self + half, f32x4.splat(LOWEST), MAXIMA);
    v128.store(self + half, f32x4.splat(0), SUMS);
  }
  return block;
}

/** What the ranges of a block's rows have in common; stands in the block's scratch. */
// @ts-ignore: decorator
@unmanaged
export class Bounds {
  low: i32; // first key that any row may attend to
  high: i32; // one past the last
  latestStart: i32; // keys from here to `earliestEnd` are open to all rows
  earliestEnd: i32;
}

/** Reads the ranges of a block's rows; lanes without a row repeat the last one. */
export function prepareRanges(a: Attention, block: Block): Bounds {
  const self = changetype<usize>(block);
  const bounds = changetype<Bounds>(self + BOUNDS);
  bounds.low = i32.MAX_VALUE;
  bounds.high = 0;
  bounds.latestStart = 0;
  bounds.earliestEnd = i32.MAX_VALUE;
  for (let lane = 0; lane < 8; lane++) {
    const row = <usize>(block.row + min(lane, block.rows - 1)) << 2;
    const start = load<i32>(a.first + row), end = load<i32>(a.second + row);
    store<i32>(self + (<usize>lane << 2), start, STARTS);
    store<i32>(self + (<usize>lane << 2), end, ENDS);
    if (start < end) {
      bounds.low = min(bounds.low, start);
      bounds.high = max(bounds.high, end);
    }
    bounds.latestStart = max(bounds.latestStart, start);
    bounds.earliestEnd = min(bounds.earliestEnd, end);
  }
  return bounds;
}

function attendRanges(a: Attention, block: Block): void {
  const bounds = prepareRanges(a, block);
  const step = chunkOf(bounds.low, bounds.high);
  for (let from = bounds.low; from < bounds.high; ) {
    const to = min(bounds.high, (from / 6) * 6 + step);
    const masked = from < bounds.latestStart || to > bounds.earliestEnd;
    scoreChunk(a, block, from, to);
    if (masked) maskRanges(block, from, to);
    attendChunk(a, block, from, to, masked);
    from = to;
  }
}

function attendSegments(a: Attention, block: Block, index: i32): void {
  const firstSegment = load<i32>(a.first + (<usize>index << 2));
  const lastSegment = load<i32>(a.first + (<usize>index << 2), 4);
  for (let segment = firstSegment; segment < lastSegment; segment++) {
    const at = <usize>segment << 2;
    const start = load<i32>(a.second + at), end = load<i32>(a.third + at), mask = load<i32>(a.masks + at);
    const step = chunkOf(start, end);
    for (let from = start; from < end; ) {
      const to = min(end, (from / 6) * 6 + step);
      scoreChunk(a, block, from, to);
      if (mask >= 0) maskBits(a.bits + <usize>(mask + from - start), block, from, to);
      attendChunk(a, block, from, to, mask >= 0);
      from = to;
    }
  }
}

/** Keys to take at a time, a multiple of six: as few chunks as can be, of about the same size. */
export function chunkOf(start: i32, end: i32): i32 {
  const keys = max(1, end - (start / 6) * 6);
  const chunks = (keys + CHUNK - 1) / CHUNK;
  return ((keys + chunks * 6 - 1) / (chunks * 6)) * 6;
}

/** Where the scores of key `from` stand: tiles begin at a multiple of six. */
// @ts-ignore: decorator
@inline
export function scoresAt(block: Block, from: i32): usize {
  return block.s + (<usize>(from % 6) << 5);
}

/** Room for `addTerms`: where the masks of a chunk will stand, behind the two vectors that maps keep there. */
// @ts-ignore: decorator
@inline
export function stripAt(block: Block): usize {
  return block.s + <usize>(CHUNK * 32 + 64);
}

/** Scores of keys `from .. to`, at most a chunk, in units of log2: products, softcap and bias. */
export function scoreChunk(a: Attention, block: Block, from: i32, to: i32): void {
  multiplyChunk(a, block, from, to);
  if (a.softcap > 0 || a.bias != 0) addTerms(a, block, scoresAt(block, from), from, to - from, LOG2E, true, stripAt(block));
}

/** Scaled products alone. */
export function multiplyChunk(a: Attention, block: Block, from: i32, to: i32): void {
  const panelBytes = <usize>(a.width * 24);
  let panel = block.keyPanels + <usize>(from / 6) * panelBytes;
  let s = block.s;
  const last = block.valueFirst + block.valueKeys;
  for (let key = (from / 6) * 6; key < to; key += 6) {
    if (last - key <= 4) tile4x8(panel, block.q, a.width, s, 32, false);
    else tile6x8(panel, block.q, a.width, s, 32, false);
    panel += panelBytes;
    s += 192;
  }
}

/** -Infinity where a lane's range leaves the key out. */
export function maskRanges(block: Block, from: i32, to: i32): void {
  const self = changetype<usize>(block);
  const start0 = v128.load(self, STARTS), start1 = v128.load(self, STARTS + 16);
  const end0 = v128.load(self, ENDS), end1 = v128.load(self, ENDS + 16);
  const forbidden = f32x4.splat(-Infinity);
  let s = scoresAt(block, from);
  for (let key = from; key < to; key++) {
    const k = i32x4.splat(key);
    const allowed0 = v128.and(i32x4.ge_s(k, start0), i32x4.lt_s(k, end0));
    const allowed1 = v128.and(i32x4.ge_s(k, start1), i32x4.lt_s(k, end1));
    v128.store(s, v128.bitselect(v128.load(s), forbidden, allowed0));
    v128.store(s, v128.bitselect(v128.load(s, 16), forbidden, allowed1), 16);
    s += 32;
  }
}

/** -Infinity where the bit of a lane is not set in the key's byte. */
export function maskBits(bits: usize, block: Block, from: i32, to: i32): void {
  const lanes0 = i32x4(1, 2, 4, 8), lanes1 = i32x4(16, 32, 64, 128);
  const forbidden = f32x4.splat(-Infinity);
  const none = i32x4.splat(0);
  let s = scoresAt(block, from);
  for (let key = from; key < to; key++) {
    const byte = i32x4.splat(load<u8>(bits++));
    const denied0 = i32x4.eq(v128.and(byte, lanes0), none), denied1 = i32x4.eq(v128.and(byte, lanes1), none);
    v128.store(s, v128.bitselect(forbidden, v128.load(s), denied0));
    v128.store(s, v128.bitselect(forbidden, v128.load(s, 16), denied1), 16);
    s += 32;
  }
}

/** Takes the scores of keys `from .. to` into the running softmax and the sums of values. */
function attendChunk(a: Attention, block: Block, from: i32, to: i32, masked: bool): void {
  const self = changetype<usize>(block);
  const s = scoresAt(block, from);
  const end = s + (<usize>(to - from) << 5);
  let m0 = v128.load(self, MAXIMA), m1 = v128.load(self, MAXIMA + 16);
  let x0 = v128.load(s), x1 = v128.load(s, 16);
  let y0 = x0, y1 = x1;
  let p = s;
  for (; p + 64 <= end; p += 64) {
    x0 = larger(x0, v128.load(p));
    x1 = larger(x1, v128.load(p, 16));
    y0 = larger(y0, v128.load(p, 32));
    y1 = larger(y1, v128.load(p, 48));
  }
  if (p < end) {
    x0 = larger(x0, v128.load(p));
    x1 = larger(x1, v128.load(p, 16));
  }
  x0 = larger(x0, y0);
  x1 = larger(x1, y1);
  const slack = f32x4.splat(SLACK);
  let l0 = v128.load(self, SUMS), l1 = v128.load(self, SUMS + 16);
  if (v128.any_true(v128.or(f32x4.gt(x0, f32x4.add(m0, slack)), f32x4.gt(x1, f32x4.add(m1, slack))))) {
    const n0 = larger(m0, x0), n1 = larger(m1, x1);
    const f0 = exp2(f32x4.sub(m0, n0)), f1 = exp2(f32x4.sub(m1, n1));
    m0 = n0;
    m1 = n1;
    v128.store(self, m0, MAXIMA);
    v128.store(self, m1, MAXIMA + 16);
    l0 = f32x4.mul(l0, f0);
    l1 = f32x4.mul(l1, f1);
    const last = block.o + (block.fresh != 0 ? 0 : <usize>a.valueColumns << 5);
    for (let o = block.o; o < last; o += 32) {
      v128.store(o, f32x4.mul(f0, v128.load(o)));
      v128.store(o, f32x4.mul(f1, v128.load(o, 16)), 16);
    }
  }
  const careful = block.careful != 0 && (masked || a.bias != 0);
  if (careful) markForbidden(s, end);
  const table = self - EXP2_BYTES;
  const c0 = v128.load(table), c1 = v128.load(table, 16), c2 = v128.load(table, 32), c3 = v128.load(table, 48);
  const c4 = v128.load(table, 64), magic = v128.load(table, 80), one = v128.load(table, 96), floor = v128.load(table, 112);
  for (p = s; p < end; p += 32) {
    const p0 = exp2By(f32x4.sub(v128.load(p), m0), c0, c1, c2, c3, c4, magic, one, floor);
    v128.store(p, p0);
    l0 = f32x4.add(l0, p0);
    const p1 = exp2By(f32x4.sub(v128.load(p, 16), m1), c0, c1, c2, c3, c4, magic, one, floor);
    v128.store(p, p1, 16);
    l1 = f32x4.add(l1, p1);
  }
  v128.store(self, l0, SUMS);
  v128.store(self, l1, SUMS + 16);
  if (isDefined(TRAINING)) {
    if (a.keepScale > 0) dropChunk(a, block, s, end, from);
  }
  if (careful) {
    sumCarefully(a, block, s, from, to);
    return;
  }
  const skipped = <usize>(from - block.valueFirst);
  const panelBytes = <usize>block.valueKeys * 24;
  let panel = block.valuePanels, o = block.o;
  let column = a.valueWidth;
  for (; column > 4; column -= 6) {
    tile6x8(panel + skipped * 24, s, to - from, o, 32, block.fresh == 0);
    panel += panelBytes;
    o += 192;
  }
  if (column > 0) tile4x8(panel + (skipped << 4), s, to - from, o, 32, block.fresh == 0);
  block.fresh = 0;
}

/** Dropout of the weights of a chunk whose first key is `key`, after the sums have taken them in. */
function dropChunk(a: Attention, block: Block, s: usize, end: usize, key: i32): void {
  const row = i32x4.add(i32x4.splat(block.row), i32x4(0, 1, 2, 3)), head = i32x4.splat(block.head);
  const base0 = dropoutBase(row, head), base1 = dropoutBase(i32x4.add(row, i32x4.splat(4)), head);
  for (; s < end; s += 32, key++) {
    const keys = i32x4.splat(key);
    v128.store(s, f32x4.mul(v128.load(s), dropoutFactor(a, base0, keys)));
    v128.store(s, f32x4.mul(v128.load(s, 16), dropoutFactor(a, base1, keys)), 16);
  }
}

/** Lane masks of the forbidden pairs, kept behind the chunk's scores. */
function markForbidden(s: usize, end: usize): void {
  const forbidden = f32x4.splat(-Infinity), shadow = <usize>(CHUNK * 32);
  for (let p = s; p < end; p += 16) v128.store(p + shadow, f32x4.eq(v128.load(p), forbidden));
}

/**
 * Sums of values where some value is NaN or infinite: a forbidden pair adds nothing, rather than 0 · NaN; `markForbidden`
 * has left a mask for each score behind the chunk.
 */
function sumCarefully(a: Attention, block: Block, s: usize, from: i32, to: i32): void {
  const shadow = <usize>(CHUNK * 32);
  for (let column = 0; column < a.valueWidth; column++) {
    const first = (column / 6) * 6;
    const width: usize = a.valueWidth - first <= 4 ? 4 : 6;
    const values = block.valuePanels + (<usize>first * <usize>block.valueKeys << 2) + (<usize>(column - first) << 2);
    const o = block.o + (<usize>column << 5);
    let o0 = f32x4.splat(0), o1 = o0;
    if (block.fresh == 0) {
      o0 = v128.load(o);
      o1 = v128.load(o, 16);
    }
    for (let key = from; key < to; key++) {
      const at = s + (<usize>(key - from) << 5);
      const value = v128.load32_splat(values + ((<usize>(key - block.valueFirst) * width) << 2));
      o0 = v128.bitselect(o0, madd(value, v128.load(at), o0), v128.load(at + shadow));
      o1 = v128.bitselect(o1, madd(value, v128.load(at, 16), o1), v128.load(at + shadow, 16));
    }
    v128.store(o, o0);
    v128.store(o, o1, 16);
  }
  block.fresh = 0;
}

/** Divides by the sums and stores the rows; a row that met no key is zeros, with -Infinity as its log-sum-exp. */
function closeBlock(a: Attention, block: Block): void {
  const self = changetype<usize>(block);
  const l0 = v128.load(self, SUMS), l1 = v128.load(self, SUMS + 16);
  const one = f32x4.splat(1), none = f32x4.splat(0);
  const empty0 = f32x4.eq(l0, none), empty1 = f32x4.eq(l1, none);
  const stride = <usize>(a.heads * a.valueWidth) << 2;
  const out = a.out + <usize>block.row * stride + (<usize>(block.head * a.valueWidth) << 2);
  if (block.fresh == 0) {
    v128.store(self, f32x4.div(one, l0), SUMS);
    v128.store(self, f32x4.div(one, l1), SUMS + 16);
    storeRows(block.o, out, stride, block.rows, a.valueWidth, self + SUMS);
  }
  if (v128.any_true(v128.or(empty0, empty1))) {
    for (let lane = 0; lane < block.rows; lane++) {
      if (laneOf(l0, l1, lane) == 0) memory.fill(out + <usize>lane * stride, 0, <usize>a.valueWidth << 2);
    }
  }
  if (a.statistics != 0) {
    for (let lane = 0; lane < block.rows; lane++) {
      const at = a.statistics + ((<usize>(block.row + lane) * <usize>a.heads + <usize>block.head) << 3);
      f32.store(at, f32.load(self + (<usize>lane << 2), MAXIMA));
      f32.store(at, laneOf(l0, l1, lane), 4);
    }
  }
  if (a.logSumExp == 0) return;
  const ln2 = f32x4.splat(LN2), lowest = f32x4.splat(-Infinity);
  const sum0 = f32x4.mul(f32x4.add(v128.load(self, MAXIMA), log2(l0)), ln2);
  const sum1 = f32x4.mul(f32x4.add(v128.load(self, MAXIMA + 16), log2(l1)), ln2);
  v128.store(self, v128.bitselect(lowest, sum0, empty0), SUMS);
  v128.store(self, v128.bitselect(lowest, sum1, empty1), SUMS + 16);
  for (let lane = 0; lane < block.rows; lane++) {
    const at = <usize>(block.row + lane) * <usize>a.heads + <usize>block.head;
    f32.store(a.logSumExp + (at << 2), f32.load(self + (<usize>lane << 2), SUMS));
  }
}

/** Lane `index` of eight. */
function laneOf(x0: v128, x1: v128, index: i32): f32 {
  const x = index < 4 ? x0 : x1;
  switch (index & 3) {
    case 0: return f32x4.extract_lane(x, 0);
    case 1: return f32x4.extract_lane(x, 1);
    case 2: return f32x4.extract_lane(x, 2);
    default: return f32x4.extract_lane(x, 3);
  }
}

/** A panel [columns][8] as `rows` rows, `stride` bytes apart, each times its factor of the eight at `factors`. */
function storeRows(panel: usize, out: usize, stride: usize, rows: i32, columns: i32, factors: usize): void {
  let column: i32 = 0;
  if (rows == 8) {
    for (; column + 4 <= columns; column += 4) {
      const from = panel + (<usize>column << 5);
      for (let half: usize = 0; half < 2; half++) {
        const at = from + (half << 4);
        const f = v128.load(factors + (half << 4));
        const r0 = f32x4.mul(f, v128.load(at)), r1 = f32x4.mul(f, v128.load(at, 32));
        const r2 = f32x4.mul(f, v128.load(at, 64)), r3 = f32x4.mul(f, v128.load(at, 96));
        const x0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
        const y0 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), y1 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
        const to = out + half * 4 * stride + (<usize>column << 2);
        v128.store(to, v128.shuffle<i64>(x0, y0, 0, 2));
        v128.store(to + stride, v128.shuffle<i64>(x0, y0, 1, 3));
        v128.store(to + 2 * stride, v128.shuffle<i64>(x1, y1, 0, 2));
        v128.store(to + 3 * stride, v128.shuffle<i64>(x1, y1, 1, 3));
      }
    }
  }
  for (; column < columns; column++) {
    const from = panel + (<usize>column << 5);
    for (let lane = 0; lane < rows; lane++) {
      const cell = f32.load(factors + (<usize>lane << 2)) * f32.load(from + (<usize>lane << 2));
      f32.store(out + <usize>lane * stride + (<usize>column << 2), cell);
    }
  }
}
