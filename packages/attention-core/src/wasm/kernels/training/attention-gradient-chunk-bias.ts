// Biases of a chunk of the tiled gradient: added to its scores, and their gradients taken out of those of the scores.
// Where a bias hangs on the distance alone, a chunk has no more than 143 of them: a strip, whose entry i is for the
// distance of key 0 from the last query, plus i. On a grid the coordinates of the keys stand in its place.

import { Attention } from "../attention-parameters";
import { denseRow, floorDivide, tableEntry } from "../score-terms";
import { LOG2E } from "../simd";
import { BIAS_AT, Chunk, CHUNK_KEYS, CHUNK_ROW, panelAt } from "./attention-gradient-chunk";
import { AttentionGradient } from "./attention-gradient-parameters";

/** Where the sums by distance stand: eight keys of a block side by side, [strip][8]. */
const SUMS_AT: usize = BIAS_AT + 160 * 4;

/** Adds biases to the scores of the chunk, which are in units of log2. */
export function addChunkBias(a: Attention, c: Chunk): void {
  if (a.bias == 5) layGrid(a, c);
  else if (a.bias != 1) layStrip(a, c);
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const from = panel.low & ~3, last = min(c.rows, (index + 1) * 6);
    for (let row = index * 6; row < last; row++) {
      if (a.bias == 1) addDense(a, c, row, from, panel.high);
      else if (a.bias == 5) addGrid(a, c, row, from, panel.high);
      else addStrip(c, row, from, panel.high);
    }
  }
}

/** Takes the gradients of biases out of those of the scores; `partials` are the sums of the group for tables and slopes. */
export function addChunkBiasGradient(g: AttentionGradient, a: Attention, c: Chunk, partials: usize): void {
  const strip = a.bias == 3 || a.bias == 4;
  if (a.bias != 1 && (c.keys & 7) != 0) clearBeyond(c);
  if (strip) memory.fill(changetype<usize>(c) + SUMS_AT, 0, <usize>(c.rows + CHUNK_KEYS) << 5);
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const last = min(c.rows, (index + 1) * 6);
    for (let row = index * 6; row < last; row++) {
      if (a.bias == 1) takeDense(g, a, c, row, panel.low, panel.high);
      else if (a.bias == 5) takeGrid(a, c, row, panel.low & ~3, panel.high, partials);
      else takeStrip(c, row, panel.low & ~7, panel.high);
    }
  }
  if (strip) takeSums(a, c, partials);
}

/** Zeros for the keys that fill the last block up. */
function clearBeyond(c: Chunk): void {
  const from = <usize>c.keys << 2, to = <usize>((c.keys + 7) & ~7) << 2;
  for (let row = c.firstPanel * 6; row < min(c.rows, c.lastPanel * 6); row++) {
    for (let at = from; at < to; at += 4) f32.store(c.d + <usize>row * CHUNK_ROW + at, 0);
  }
}

/** Distance of key 0 from the last query of the chunk. */
// @ts-ignore: decorator
@inline
function firstDistance(c: Chunk): i32 {
  return c.key - (c.position + c.rows - 1 + c.shift);
}

function layStrip(a: Attention, c: Chunk): void {
  const strip = changetype<usize>(c) + BIAS_AT;
  const first = firstDistance(c);
  for (let i = 0; i < c.rows + CHUNK_KEYS; i++) {
    const distance = first + i;
    const bias = a.bias == 3 ? -f32.load(a.biasValues + (<usize>c.head << 2)) * <f32>abs(distance) : f32.load(a.biasValues + (<usize>tableEntry(a, c.head, distance, 0, 0) << 2));
    f32.store(strip + (<usize>i << 2), bias * LOG2E);
  }
}

function addStrip(c: Chunk, row: i32, from: i32, to: i32): void {
  const s = c.s + <usize>row * CHUNK_ROW;
  const strip = changetype<usize>(c) + BIAS_AT + (<usize>(c.rows - 1 - row) << 2);
  for (let at = <usize>from << 2; at < <usize>to << 2; at += 16) v128.store(s + at, f32x4.add(v128.load(s + at), v128.load(strip + at)));
}

function addDense(a: Attention, c: Chunk, row: i32, from: i32, to: i32): void {
  const s = c.s + <usize>row * CHUNK_ROW;
  const bias = denseRow(a, a.biasValues, c.set, c.head, c.position + row, c.keysOfSet) + (<usize>c.key << 2);
  const log2e = f32x4.splat(LOG2E), end = <usize>to << 2;
  let at = <usize>from << 2;
  for (; at + 16 <= end; at += 16) v128.store(s + at, f32x4.add(v128.load(s + at), f32x4.mul(log2e, v128.load(bias + at))));
  for (; at < end; at += 4) f32.store(s + at, f32.load(s + at) + LOG2E * f32.load(bias + at));
}

/** Rows, and columns after them, of the keys of the chunk. */
function layGrid(a: Attention, c: Chunk): void {
  const rows = changetype<usize>(c) + BIAS_AT;
  for (let i = 0; i < CHUNK_KEYS; i++) {
    const row = floorDivide(c.key + i, a.columns);
    store<i32>(rows + (<usize>i << 2), row);
    store<i32>(rows + (<usize>i << 2), c.key + i - row * a.columns, CHUNK_ROW);
  }
}

/** Bytes from the table's start to the entries of four keys from `at` on, for a query at `row` and `column` of the grid. */
// @ts-ignore: decorator
@inline
function gridEntries(a: Attention, c: Chunk, at: usize, row: i32, column: i32): v128 {
  const keys = changetype<usize>(c) + BIAS_AT + at;
  const across = (a.reachAcross << 1) + 1, entries = ((a.reach << 1) + 1) * across;
  const down = i32x4.max_s(i32x4.min_s(i32x4.sub(v128.load(keys), i32x4.splat(row)), i32x4.splat(a.reach)), i32x4.splat(-a.reach));
  const right = i32x4.max_s(i32x4.min_s(i32x4.sub(v128.load(keys, CHUNK_ROW), i32x4.splat(column)), i32x4.splat(a.reachAcross)), i32x4.splat(-a.reachAcross));
  const middle = i32x4.splat(c.head * entries + (entries >> 1));
  return i32x4.shl(i32x4.add(middle, i32x4.add(i32x4.mul(down, i32x4.splat(across)), right)), 2);
}

function addGrid(a: Attention, c: Chunk, row: i32, from: i32, to: i32): void {
  const s = c.s + <usize>row * CHUNK_ROW, table = a.biasValues;
  const query = c.position + row + c.shift, down = floorDivide(query, a.columns), right = query - down * a.columns;
  const log2e = f32x4.splat(LOG2E);
  for (let at = <usize>from << 2; at < <usize>to << 2; at += 16) {
    const entries = gridEntries(a, c, at, down, right);
    let bias = v128.load32_zero(table + i32x4.extract_lane(entries, 0));
    bias = v128.load32_lane(table + i32x4.extract_lane(entries, 1), bias, 1);
    bias = v128.load32_lane(table + i32x4.extract_lane(entries, 2), bias, 2);
    bias = v128.load32_lane(table + i32x4.extract_lane(entries, 3), bias, 3);
    v128.store(s + at, f32x4.add(v128.load(s + at), f32x4.mul(log2e, bias)));
  }
}

function takeDense(g: AttentionGradient, a: Attention, c: Chunk, row: i32, from: i32, to: i32): void {
  const d = c.d + <usize>row * CHUNK_ROW;
  const bias = denseRow(a, g.bias, c.set, c.head, c.position + row, c.keysOfSet) + (<usize>c.key << 2);
  const end = <usize>to << 2;
  let at = <usize>from << 2;
  for (; at + 16 <= end; at += 16) v128.store(bias + at, f32x4.add(v128.load(bias + at), v128.load(d + at)));
  for (; at < end; at += 4) f32.store(bias + at, f32.load(bias + at) + f32.load(d + at));
}

/** Keys beyond the chunk have zeros, and entries in the table. */
function takeGrid(a: Attention, c: Chunk, row: i32, from: i32, to: i32, partials: usize): void {
  const d = c.d + <usize>row * CHUNK_ROW;
  const query = c.position + row + c.shift, down = floorDivide(query, a.columns), right = query - down * a.columns;
  for (let at = <usize>from << 2; at < <usize>to << 2; at += 16) {
    const entries = gridEntries(a, c, at, down, right);
    addTo(partials + i32x4.extract_lane(entries, 0), f32.load(d + at));
    addTo(partials + i32x4.extract_lane(entries, 1), f32.load(d + at, 4));
    addTo(partials + i32x4.extract_lane(entries, 2), f32.load(d + at, 8));
    addTo(partials + i32x4.extract_lane(entries, 3), f32.load(d + at, 12));
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, x: f32): void {
  f32.store(at, f32.load(at) + x);
}

/** A block of eight keys goes to one place of the sums, whole: consecutive rows then add to neighbouring places, never to overlapping ones. */
function takeStrip(c: Chunk, row: i32, from: i32, to: i32): void {
  const d = c.d + <usize>row * CHUNK_ROW;
  const sums = changetype<usize>(c) + SUMS_AT;
  for (let key = from; key < to; key += 8) {
    const at = sums + (<usize>(c.rows - 1 - row + key) << 5), from = d + (<usize>key << 2);
    v128.store(at, f32x4.add(v128.load(at), v128.load(from)));
    v128.store(at, f32x4.add(v128.load(at, 16), v128.load(from, 16)), 16);
  }
}

/** From the sums of blocks, whose lane l belongs to the distance l further, to those of distances. */
function takeSums(a: Attention, c: Chunk, partials: usize): void {
  const sums = changetype<usize>(c) + SUMS_AT;
  const first = firstDistance(c);
  const count = c.rows - 1 + c.keys;
  for (let i = 0; i < count; i++) {
    let sum: f32 = 0;
    for (let lane = 0; lane < min(8, i + 1); lane++) sum += f32.load(sums + (<usize>(i - lane) << 5) + (<usize>lane << 2));
    const distance = first + i;
    const cell = partials + (<usize>(a.bias == 3 ? c.head : tableEntry(a, c.head, distance, 0, 0)) << 2);
    f32.store(cell, f32.load(cell) + (a.bias == 3 ? -sum * <f32>abs(distance) : sum));
  }
}
