// From the weights of one query row to the maps that were asked for. Weights come in spans: `count` of them, `stride`
// bytes apart, for the key positions at `keys` (a list of i32), or from `firstKey` on where `keys` is 0.

import { Attention } from "./attention-parameters";

/** A query row and its set, as the collectors need them. */
// @ts-ignore: decorator
@unmanaged
export class Row {
  row: i32; // through all sets
  position: i32;
  set: i32;
  keyBase: i32;
  keys: i32;
  queries: i32;
}

export const ROW_BYTES: usize = 32;

/** The bits of -0: the weight of a pair that is forbidden, where a permitted one has +0 or more. */
export const FORBIDDEN: u32 = 0x80000000;

/** Clears what `collect` adds to. */
export function beginRow(a: Attention, r: Row): void {
  if (a.topK > 0) {
    const cells = a.mapHeads * a.topK;
    const at = <usize>r.row * <usize>cells;
    for (let i: usize = 0; i < <usize>cells; i++) {
      store<i32>(a.topKeys + ((at + i) << 2), -1);
      f32.store(a.topWeights + ((at + i) << 2), 0);
    }
  }
  for (let head = 0; head < a.mapHeads; head++) {
    if (chosen(a, r)) memory.fill(chosenRow(a, r, head), 0, <usize>r.keys << 2);
    if (a.full != 0) memory.fill(fullRow(a, r, head), 0, <usize>r.keys << 2);
  }
}

/** Takes one span of the weights of one head (or of the mean over heads) into every map. */
export function collect(a: Attention, r: Row, head: i32, weights: usize, stride: usize, keys: usize, firstKey: i32, count: i32): void {
  const row: usize = chosen(a, r) ? chosenRow(a, r, head) : 0;
  const full: usize = a.full != 0 ? fullRow(a, r, head) : 0;
  const sums: usize = a.columnSums != 0 ? a.columnSums + ((<usize>r.keyBase * <usize>a.mapHeads + <usize>head) << 2) : 0;
  const across = <usize>a.mapHeads << 2;
  for (let i = 0; i < count; i++, weights += stride) {
    if (load<u32>(weights) == FORBIDDEN) continue;
    const key = <usize>(keys != 0 ? load<i32>(keys + (<usize>i << 2)) : firstKey + i);
    const weight = f32.load(weights);
    if (row != 0) addTo(row + (key << 2), weight);
    if (full != 0) addTo(full + (key << 2), weight);
    if (sums != 0) addTo(sums + key * across, weight);
    if (a.topK > 0) insert(a, r, head, <i32>key, weight);
  }
}

/** Weights of edges, by their numbers in the pattern. */
export function collectEdges(a: Attention, head: i32, weights: usize, stride: usize, edges: usize, firstEdge: i32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const edge = edges != 0 ? load<i32>(edges + (<usize>i << 2)) : firstEdge + i;
    f32.store(a.edgeWeights + ((<usize>edge * <usize>a.mapHeads + <usize>head) << 2), abs(f32.load(weights)));
    weights += stride;
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, x: f32): void {
  f32.store(at, f32.load(at) + x);
}

// @ts-ignore: decorator
@inline
function chosen(a: Attention, r: Row): bool {
  return a.rowSlots != 0 && load<f64>(a.rowSlots + (<usize>r.row << 3)) >= 0;
}

function chosenRow(a: Attention, r: Row, head: i32): usize {
  const slot = <usize>load<f64>(a.rowSlots + (<usize>r.row << 3));
  return a.rows + ((slot + <usize>head * <usize>r.keys) << 2);
}

/** Start of a query row in the full maps of one head. */
export function fullRow(a: Attention, r: Row, head: i32): usize {
  const start = <usize>load<f64>(a.pairOffsets + (<usize>r.set << 3)) * <usize>a.mapHeads;
  const plane = <usize>head * <usize>r.queries + <usize>r.position;
  return a.full + ((start + plane * <usize>r.keys) << 2);
}

/** Keeps the k largest, largest first; of equals, the earlier key stays ahead. */
function insert(a: Attention, r: Row, head: i32, key: i32, weight: f32): void {
  const first = (<usize>r.row * <usize>a.mapHeads + <usize>head) * <usize>a.topK;
  const keys = a.topKeys + (first << 2), weights = a.topWeights + (first << 2);
  let place = a.topK;
  while (place > 0) {
    const above = <usize>(place - 1) << 2;
    if (load<i32>(keys + above) >= 0 && f32.load(weights + above) >= weight) break;
    if (place < a.topK) {
      store<i32>(keys + above, load<i32>(keys + above), 4);
      f32.store(weights + above, f32.load(weights + above), 4);
    }
    place--;
  }
  if (place == a.topK) return;
  store<i32>(keys + (<usize>place << 2), key);
  f32.store(weights + (<usize>place << 2), weight);
}
