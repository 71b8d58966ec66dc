// One row per set. A unit is a strip of columns of one set; the strip varies fastest.

import { larger } from "./simd";

// @ts-ignore: decorator
@unmanaged
class Pool {
  x: usize; // [P, width]
  offsets: usize; // i32 [sets + 1]
  out: usize; // [sets, width]
  width: i32;
  how: i32; // 0 mean, 1 max, 2 first, 3 sum
  columnsPerUnit: i32;
}

export function pool(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Pool>(params);
  const strips = (p.width + p.columnsPerUnit - 1) / p.columnsPerUnit;
  const stride = <usize>p.width << 2;
  for (let unit = from; unit < to; unit++) {
    const set = unit / strips;
    const column = (unit - set * strips) * p.columnsPerUnit;
    const bytes = <usize>min(p.columnsPerUnit, p.width - column) << 2;
    const first = load<i32>(p.offsets + (<usize>set << 2));
    const rows = load<i32>(p.offsets + (<usize>set << 2), 4) - first;
    const x = p.x + <usize>first * stride + (<usize>column << 2);
    const out = p.out + <usize>set * stride + (<usize>column << 2);
    if (rows == 0) memory.fill(out, 0, bytes);
    else if (p.how == 2) memory.copy(out, x, bytes);
    else poolRows(x, stride, out, rows, bytes, p.how);
  }
}

function poolRows(x: usize, stride: usize, out: usize, rows: i32, bytes: usize, how: i32): void {
  const share: f32 = how == 0 ? 1 / <f32>rows : 1;
  let at: usize = 0;
  if (how != 1) for (; at + 128 <= bytes; at += 128) sumStrip(x + at, stride, out + at, rows, share);
  for (; at + 16 <= bytes; at += 16) {
    let y = v128.load(x + at);
    let row = x + at;
    for (let i = 1; i < rows; i++) {
      row += stride;
      y = how == 1 ? keepNaN(y, v128.load(row)) : f32x4.add(y, v128.load(row));
    }
    v128.store(out + at, f32x4.mul(y, f32x4.splat(share)));
  }
  for (; at < bytes; at += 4) {
    let y = f32.load(x + at);
    let row = x + at;
    for (let i = 1; i < rows; i++) {
      row += stride;
      y = how == 1 ? max(y, f32.load(row)) : y + f32.load(row);
    }
    f32.store(out + at, y * share);
  }
}

/** Sums of 32 columns at a time: a sum alone would wait for each of its additions, and take a cache line for a quarter of it. */
function sumStrip(x: usize, stride: usize, out: usize, rows: i32, share: f32): void {
  let s0 = v128.load(x), s1 = v128.load(x, 16), s2 = v128.load(x, 32), s3 = v128.load(x, 48);
  let s4 = v128.load(x, 64), s5 = v128.load(x, 80), s6 = v128.load(x, 96), s7 = v128.load(x, 112);
  for (let i = 1; i < rows; i++) {
    x += stride;
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
    s4 = f32x4.add(s4, v128.load(x, 64));
    s5 = f32x4.add(s5, v128.load(x, 80));
    s6 = f32x4.add(s6, v128.load(x, 96));
    s7 = f32x4.add(s7, v128.load(x, 112));
  }
  const factor = f32x4.splat(share);
  v128.store(out, f32x4.mul(s0, factor));
  v128.store(out, f32x4.mul(s1, factor), 16);
  v128.store(out, f32x4.mul(s2, factor), 32);
  v128.store(out, f32x4.mul(s3, factor), 48);
  v128.store(out, f32x4.mul(s4, factor), 64);
  v128.store(out, f32x4.mul(s5, factor), 80);
  v128.store(out, f32x4.mul(s6, factor), 96);
  v128.store(out, f32x4.mul(s7, factor), 112);
}

/** The larger of two, NaN if either is. */
// @ts-ignore: decorator
@inline
function keepNaN(a: v128, b: v128): v128 {
  return v128.bitselect(b, larger(a, b), f32x4.ne(b, b));
}
