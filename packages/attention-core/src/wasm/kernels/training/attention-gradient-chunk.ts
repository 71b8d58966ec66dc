// A chunk of the tiled gradient: up to 96 queries by 48 keys of one head. Its scores, then weights, stand at `s`, and
// the gradients of weights, then of scores, at `d`, both as rows of 48 keys. Rows go in panels of six, keys in blocks of
// eight, as the register tile makes them.

import { Attention } from "../attention-parameters";
import { dropoutBase, dropoutFactor } from "../attention-dropout";
import { exp2By, EXP2_BYTES } from "../simd";

/** Keys of a chunk: a multiple of six and of eight. `attention-gradient-tile.ts` has the bytes of a row, 192, in its code. */
export const CHUNK_KEYS: i32 = 48;
/** Queries of a chunk: a multiple of six, and of eight for the blocks of segments. */
export const CHUNK_QUERIES: i32 = 96;
export const CHUNK_ROW: usize = 192;
export const CHUNK_BYTES: usize = 96 * 192;
const PANELS: i32 = 16;

/** State of a thread in the tiled kernel, at the start of its scratch. */
// @ts-ignore: decorator
@unmanaged
export class Chunk {
  set: i32;
  head: i32;
  rows: i32; // queries of the chunk
  row: i32; // first query row, through all sets
  position: i32; // of that row in its set
  shift: i32; // aligned position minus position
  keys: i32; // keys of the chunk
  key: i32; // position of the first one
  keysOfSet: i32;
  firstPanel: i32; // with a permitted pair in the chunk
  lastPanel: i32; // one past the last
  open: i32; // 1 where all pairs of the chunk are permitted
  windowFrom: i32; // keys that are packed
  windowRows: i32; // rows of the panels of keys
  freshKeys: i32; // 1 until the first queries have given their sums to the keys
  freshQueries: i32; // 1 until the first keys have given theirs to the queries
  keys8: usize; // packed keys, transposed: [blocks][columns][8]
  values8: usize; // [blocks][columns][8]
  keyColumns: usize; // scaled keys: [columns / 8][windowRows][8]
  dk: usize; // [columns / 8][windowRows][8]
  dv: usize;
  queryColumns: usize; // scaled queries: [columns / 8][96][8]
  dyColumns: usize;
  dq: usize; // [columns / 8][96][8]
  s: usize;
  d: usize;
}

// Fixed places in the scratch, after the fields above.
export const EXP2_AT: usize = 128;
/** Panels: first key and end of the keys in the chunk that its rows may attend to, then in the set: those any row may, those all rows may. */
export const PANELS_AT: usize = EXP2_AT + EXP2_BYTES;
/** Panel fields: low, high, open; first and end of the hull in the set; latest start and earliest end. */
export const PANEL_BYTES: usize = 32;
/** Log-sum-exp of each row in units of log2, and delta. */
export const ROWS_AT: usize = PANELS_AT + 16 * 32;
const DELTA: usize = 96 * 4;
/** Biases by distance, or coordinates of keys; see `attention-gradient-chunk-bias.ts`. */
export const BIAS_AT: usize = ROWS_AT + 2 * DELTA;
export const BIAS_BYTES: usize = 160 * 4 + 160 * 32;
/** A byte per block of eight rows and key: the rows of the block that may attend to the key. */
export const BITS_AT: usize = BIAS_AT + BIAS_BYTES;
export const FIXED_BYTES: usize = BITS_AT + 12 * 48 + 64;

/** Panel `index`. */
// @ts-ignore: decorator
@unmanaged
export class Panel {
  low: i32; // in the chunk
  high: i32;
  open: i32; // all pairs of the panel and the chunk are permitted
  first: i32; // in the set: any row may attend to keys from here
  end: i32; // to here
  latestStart: i32; // all rows may attend to keys from here
  earliestEnd: i32; // to here
}

// @ts-ignore: decorator
@inline
export function panelAt(c: Chunk, index: i32): Panel {
  return changetype<Panel>(changetype<usize>(c) + PANELS_AT + <usize>index * PANEL_BYTES);
}

/** Notes what the softmax of each row needs; a row with no permitted key has a log-sum-exp of -Infinity, and no weights. */
export function storeRowTerms(c: Chunk, row: i32, logSumExp: f32, delta: f32): void {
  const at = changetype<usize>(c) + ROWS_AT + (<usize>row << 2);
  f32.store(at, logSumExp == -Infinity ? 3.0e38 : logSumExp * 1.4426950408889634);
  f32.store(at, delta, DELTA);
}

/** Reads what the rows of each panel may attend to in the set, for plans of ranges; false if it is nothing of keys `from .. to`. */
export function openRangePanels(a: Attention, c: Chunk, from: i32, to: i32): bool {
  let any = false;
  for (let row = 0, index = 0; row < c.rows; row += 6, index++) {
    const panel = panelAt(c, index);
    panel.first = i32.MAX_VALUE;
    panel.end = 0;
    panel.latestStart = 0;
    panel.earliestEnd = i32.MAX_VALUE;
    for (let r = row; r < min(row + 6, c.rows); r++) {
      const at = <usize>(c.row + r) << 2;
      const start = load<i32>(a.first + at), end = load<i32>(a.second + at);
      if (start < end) {
        panel.first = min(panel.first, start);
        panel.end = max(panel.end, end);
      }
      panel.latestStart = max(panel.latestStart, start);
      panel.earliestEnd = min(panel.earliestEnd, end);
    }
    any = any || max(from, panel.first) < min(to, panel.end);
  }
  return any;
}

/** What the panels may attend to of the keys of the chunk; false if there is nothing. */
export function boundPanels(a: Attention, c: Chunk): bool {
  if (a.form != 0) openSegments(a, c);
  c.firstPanel = PANELS;
  c.lastPanel = 0;
  c.open = 1;
  for (let row = 0, index = 0; row < c.rows; row += 6, index++) {
    const panel = panelAt(c, index);
    if (a.form == 0) {
      panel.low = max(0, panel.first - c.key);
      panel.high = min(c.keys, panel.end - c.key);
      panel.open = panel.latestStart <= c.key && panel.earliestEnd >= c.key + c.keys ? 1 : 0;
    } else {
      boundByBits(c, panel, row, min(row + 6, c.rows));
    }
    if (panel.low < panel.high) {
      c.firstPanel = min(c.firstPanel, index);
      c.lastPanel = index + 1;
    }
    c.open &= panel.open;
  }
  return c.firstPanel < c.lastPanel;
}

/** For each block of eight rows and each key of the chunk, the rows that may attend to it. */
function openSegments(a: Attention, c: Chunk): void {
  const bits = changetype<usize>(c) + BITS_AT;
  const first = load<i32>(a.blockOffsets + (<usize>c.set << 2)) + (c.position >> 3);
  for (let block = 0; block << 3 < c.rows; block++) {
    const row = bits + <usize>(block * CHUNK_KEYS);
    memory.fill(row, 0, <usize>CHUNK_KEYS);
    const index = <usize>(first + block) << 2;
    const last = load<i32>(a.first + index, 4);
    for (let segment = load<i32>(a.first + index); segment < last; segment++) {
      const at = <usize>segment << 2;
      const start = load<i32>(a.second + at), mask = load<i32>(a.masks + at);
      const from = max(start, c.key), to = min(load<i32>(a.third + at), c.key + c.keys);
      if (from >= to) continue;
      if (mask < 0) memory.fill(row + <usize>(from - c.key), 0xff, <usize>(to - from));
      else memory.copy(row + <usize>(from - c.key), a.bits + <usize>(mask + from - start), <usize>(to - from));
    }
  }
}

function boundByBits(c: Chunk, panel: Panel, from: i32, to: i32): void {
  panel.low = c.keys;
  panel.high = 0;
  panel.open = 1;
  for (let key = 0; key < c.keys; key++) {
    const at = changetype<usize>(c) + BITS_AT + <usize>key;
    for (let row = from; row < to; row++) {
      if ((load<u8>(at + <usize>((row >> 3) * CHUNK_KEYS)) >> <u8>(row & 7)) & 1) {
        panel.low = min(panel.low, key);
        panel.high = key + 1;
      } else {
        panel.open = 0;
      }
    }
  }
}

/**
 * Scores in units of log2 to weights, and gradients of weights to those of scores: w = 2^(s - l), w · (d - delta), where
 * d has dropout's factor and delta is the sum of w · d over the row.
 */
export function weighChunk(a: Attention, c: Chunk): void {
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const from = <usize>(panel.low & ~7) << 2, to = <usize>((panel.high + 7) & ~7) << 2;
    const last = min(c.rows, (index + 1) * 6);
    if (a.keepScale > 0) for (let row = index * 6; row < last; row++) weighRowDropping(a, c, row, from, to);
    else weighRows(c, index * 6, last, from, to);
  }
}

function weighRows(c: Chunk, row: i32, lastRow: i32, from: usize, to: usize): void {
  const table = changetype<usize>(c) + EXP2_AT;
  const c0 = v128.load(table), c1 = v128.load(table, 16), c2 = v128.load(table, 32), c3 = v128.load(table, 48);
  const c4 = v128.load(table, 64), magic = v128.load(table, 80), one = v128.load(table, 96), floor = v128.load(table, 112);
  for (; row < lastRow; row++) {
    const terms = changetype<usize>(c) + ROWS_AT + (<usize>row << 2);
    const l = v128.load32_splat(terms), delta = v128.load32_splat(terms, DELTA);
    const at = <usize>row * CHUNK_ROW;
    let d = c.d + at + from;
    const end = c.s + at + to;
    for (let s = c.s + at + from; s < end; s += 16) {
      const w = exp2By(f32x4.sub(v128.load(s), l), c0, c1, c2, c3, c4, magic, one, floor);
      v128.store(s, w);
      v128.store(d, f32x4.mul(w, f32x4.sub(v128.load(d), delta)));
      d += 16;
    }
  }
}

function weighRowDropping(a: Attention, c: Chunk, row: i32, from: usize, to: usize): void {
  const table = changetype<usize>(c) + EXP2_AT;
  const c0 = v128.load(table), c1 = v128.load(table, 16), c2 = v128.load(table, 32), c3 = v128.load(table, 48);
  const c4 = v128.load(table, 64), magic = v128.load(table, 80), one = v128.load(table, 96), floor = v128.load(table, 112);
  const terms = changetype<usize>(c) + ROWS_AT + (<usize>row << 2);
  const l = v128.load32_splat(terms), delta = v128.load32_splat(terms, DELTA);
  const base = dropoutBase(i32x4.splat(c.row + row), i32x4.splat(c.head));
  let key = i32x4.add(i32x4.splat(c.key + <i32>(from >> 2)), i32x4(0, 1, 2, 3));
  const at = <usize>row * CHUNK_ROW;
  let d = c.d + at + from;
  const end = c.s + at + to;
  for (let s = c.s + at + from; s < end; s += 16) {
    const factor = dropoutFactor(a, base, key);
    const w = exp2By(f32x4.sub(v128.load(s), l), c0, c1, c2, c3, c4, magic, one, floor);
    v128.store(s, f32x4.mul(w, factor));
    v128.store(d, f32x4.mul(w, f32x4.sub(f32x4.mul(factor, v128.load(d)), delta)));
    d += 16;
    key = i32x4.add(key, i32x4.splat(4));
  }
}

/** Zeros where the plan forbids the pair, and beside the blocks of a panel that were computed. */
export function maskChunk(a: Attention, c: Chunk): void {
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.open) continue;
    const none = panel.low >= panel.high;
    const from: usize = none ? 0 : <usize>(panel.low & ~7) << 2, to: usize = none ? 0 : <usize>((panel.high + 7) & ~7) << 2;
    for (let row = index * 6; row < min(c.rows, (index + 1) * 6); row++) {
      const at = <usize>row * CHUNK_ROW;
      clear(c.s + at, c.s + at + from);
      clear(c.d + at, c.d + at + from);
      clear(c.s + at + to, c.s + at + CHUNK_ROW);
      clear(c.d + at + to, c.d + at + CHUNK_ROW);
      if (none) continue;
      if (a.form == 0) maskRange(a, c, row, from, to);
      else maskBits(c, row, from, to);
    }
  }
}

/** For a few vectors: a call of the engine's own fill takes longer. */
// @ts-ignore: decorator
@inline
function clear(from: usize, to: usize): void {
  for (; from < to; from += 16) v128.store(from, f32x4.splat(0));
}

function maskRange(a: Attention, c: Chunk, row: i32, from: usize, to: usize): void {
  const at = <usize>(c.row + row) << 2;
  const start = i32x4.splat(load<i32>(a.first + at) - c.key), end = i32x4.splat(load<i32>(a.second + at) - c.key);
  let key = i32x4.add(i32x4.splat(<i32>(from >> 2)), i32x4(0, 1, 2, 3));
  const s = c.s + <usize>row * CHUNK_ROW, d = c.d + <usize>row * CHUNK_ROW;
  for (; from < to; from += 16) {
    const allowed = v128.and(i32x4.ge_s(key, start), i32x4.lt_s(key, end));
    v128.store(s + from, v128.and(allowed, v128.load(s + from)));
    v128.store(d + from, v128.and(allowed, v128.load(d + from)));
    key = i32x4.add(key, i32x4.splat(4));
  }
}

function maskBits(c: Chunk, row: i32, from: usize, to: usize): void {
  const bit = i32x4.splat(1 << (row & 7)), none = i32x4.splat(0);
  const bits = changetype<usize>(c) + BITS_AT + <usize>((row >> 3) * CHUNK_KEYS);
  const s = c.s + <usize>row * CHUNK_ROW, d = c.d + <usize>row * CHUNK_ROW;
  for (; from < to; from += 16) {
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bits + (from >> 2))));
    const denied = i32x4.eq(v128.and(words, bit), none);
    v128.store(s + from, v128.andnot(v128.load(s + from), denied));
    v128.store(d + from, v128.andnot(v128.load(d + from), denied));
  }
}
