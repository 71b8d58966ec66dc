// What may be added to a score: softcap and the biases, at one place for all kernels.

import { Attention, Block } from "./attention-parameters";
import { LOG2E, tanh } from "./simd";

/** The bias of a pair, in natural units. `query` and `key` are positions in the set, `edge` is for biases per edge. */
export function biasOf(a: Attention, set: i32, head: i32, query: i32, key: i32, edge: i32): f32 {
  const values = a.biasValues;
  switch (a.bias) {
    case 1: {
      const keys = load<i32>(a.keyOffsets + (<usize>(set + 1) << 2)) - load<i32>(a.keyOffsets + (<usize>set << 2));
      return f32.load(denseRow(a, values, set, head, query, keys) + (<usize>key << 2));
    }
    case 2: return f32.load(values + ((<usize>edge * <usize>a.biasHeads + <usize>(a.biasHeads == 1 ? 0 : head)) << 2));
    default: return positionBias(a, head, key - query - shiftOf(a, set), key, query + shiftOf(a, set));
  }
}

/** Aligned minus plain query position: keys - queries of the set. */
export function shiftOf(a: Attention, set: i32): i32 {
  const at = <usize>set << 2;
  return load<i32>(a.keyOffsets + at, 4) - load<i32>(a.keyOffsets + at) - load<i32>(a.queryOffsets + at, 4) + load<i32>(a.queryOffsets + at);
}

/** Start of the dense biases of one query row in `values`. */
export function denseRow(a: Attention, values: usize, set: i32, head: i32, query: i32, keys: i32): usize {
  const at = <usize>set << 2;
  const queries = load<i32>(a.queryOffsets + at, 4) - load<i32>(a.queryOffsets + at);
  const start = <usize>load<f64>(a.pairOffsets + (<usize>set << 3)) * <usize>a.biasHeads;
  const plane = a.biasHeads == 1 ? 0 : <usize>head * <usize>queries;
  return values + ((start + (plane + <usize>query) * <usize>keys) << 2);
}

function positionBias(a: Attention, head: i32, distance: i32, key: i32, query: i32): f32 {
  const values = a.biasValues;
  if (a.bias == 3) return -f32.load(values + (<usize>head << 2)) * <f32>abs(distance);
  return f32.load(values + (<usize>tableEntry(a, head, distance, key, query) << 2));
}

/** The place of a pair's bias in a table of relative positions. */
// @ts-ignore: decorator
@inline
export function tableEntry(a: Attention, head: i32, distance: i32, key: i32, query: i32): i32 {
  if (a.bias == 4) {
    const entries = (a.reach << 1) + 1;
    return head * entries + cut(distance, a.reach) + a.reach;
  }
  const across = (a.reachAcross << 1) + 1;
  const entries = ((a.reach << 1) + 1) * across;
  const down = cut(floorDivide(key, a.columns) - floorDivide(query, a.columns), a.reach) + a.reach;
  const right = cut(remainder(key, a.columns) - remainder(query, a.columns), a.reachAcross) + a.reachAcross;
  return head * entries + down * across + right;
}

// @ts-ignore: decorator
@inline
function cut(x: i32, reach: i32): i32 {
  return max(-reach, min(reach, x));
}

export function floorDivide(x: i32, by: i32): i32 {
  return x >= 0 ? x / by : -((by - 1 - x) / by);
}

function remainder(x: i32, by: i32): i32 {
  return x - floorDivide(x, by) * by;
}

/**
 * Softcap and bias over `count` rows of eight raw scores at `s`, from key `from`. Raw scores carry the factor that
 * `rawScale` gives; what comes out carries `unit`: log2 e before a base-2 softmax, 1 where natural scores are wanted.
 * A bias of -Infinity makes -Infinity whatever the score was, NaN included. `strip` has room for `count` + 7 numbers.
 */
export function addTerms(a: Attention, block: Block, s: usize, from: i32, count: i32, unit: f32, withBias: bool, strip: usize): void {
  const end = s + (<usize>count << 5);
  if (a.softcap > 0) {
    const cap = f32x4.splat(a.softcap * unit);
    for (let p = s; p < end; p += 16) v128.store(p, f32x4.mul(tanh(v128.load(p)), cap));
  } else if (unit != LOG2E) {
    const factor = f32x4.splat(unit / LOG2E);
    for (let p = s; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), factor));
  }
  if (!withBias || a.bias == 0) return;
  if (a.bias == 3 || a.bias == 4) return addByDistance(a, block, s, from, count, unit, strip);
  const shift = block.shift;
  let dense: usize = 0;
  if (a.bias == 1) dense = denseRow(a, a.biasValues, block.set, block.head, block.position, block.keys);
  const rowBytes = <usize>block.keys << 2;
  for (let i = 0; i < count; i++) {
    const key = from + i;
    const at = s + (<usize>i << 5);
    for (let lane = 0; lane < block.rows; lane++) {
      const query = block.position + lane + shift;
      const bias = a.bias == 1
        ? f32.load(dense + <usize>lane * rowBytes + (<usize>key << 2))
        : positionBias(a, block.head, key - query, key, query);
      const cell = at + (<usize>lane << 2);
      f32.store(cell, bias == -Infinity ? -Infinity : f32.load(cell) + bias * unit);
    }
  }
}

/**
 * Biases that depend on the distance alone: those of all distances once, farthest right first, so that the eight of a key
 * stand side by side; pair by pair they took two and a half times as long as the products.
 */
function addByDistance(a: Attention, block: Block, s: usize, from: i32, count: i32, unit: f32, strip: usize): void {
  const last = from + count - 1 - block.position - block.shift;
  for (let i = 0; i < count + 7; i++) f32.store(strip + (<usize>i << 2), positionBias(a, block.head, last - i, 0, 0));
  const factor = f32x4.splat(unit), forbidden = f32x4.splat(-Infinity);
  for (let b = strip + (<usize>(count - 1) << 2); b >= strip; b -= 4, s += 32) {
    const bias0 = v128.load(b), bias1 = v128.load(b, 16);
    const sum0 = f32x4.add(v128.load(s), f32x4.mul(bias0, factor)), sum1 = f32x4.add(v128.load(s, 16), f32x4.mul(bias1, factor));
    v128.store(s, v128.bitselect(bias0, sum0, f32x4.eq(bias0, forbidden)));
    v128.store(s, v128.bitselect(bias1, sum1, f32x4.eq(bias1, forbidden)), 16);
  }
}

/** What raw dot products are multiplied by before `addTerms`. */
export function rawScale(a: Attention): f32 {
  return a.softcap > 0 ? a.scale / a.softcap : a.scale * LOG2E;
}
