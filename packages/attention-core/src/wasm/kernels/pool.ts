// One row per set. Units are sets.

import { larger } from "./simd";

// @ts-ignore: decorator
@unmanaged
class Pool {
  x: usize; // [P, width]
  offsets: usize; // i32 [sets + 1]
  out: usize; // [sets, width]
  width: i32;
  how: i32; // 0 mean, 1 max, 2 first, 3 sum
}

export function pool(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Pool>(params);
  const bytes = <usize>p.width << 2;
  for (let set = from; set < to; set++) {
    const first = load<i32>(p.offsets + (<usize>set << 2));
    const rows = load<i32>(p.offsets + (<usize>set << 2), 4) - first;
    const x = p.x + <usize>first * bytes, out = p.out + <usize>set * bytes;
    if (rows == 0) memory.fill(out, 0, bytes);
    else if (p.how == 2) memory.copy(out, x, bytes);
    else poolRows(x, out, rows, bytes, p.how);
  }
}

function poolRows(x: usize, out: usize, rows: i32, bytes: usize, how: i32): void {
  const share: f32 = how == 0 ? 1 / <f32>rows : 1;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    let y = v128.load(x + at);
    let row = x + at;
    for (let i = 1; i < rows; i++) {
      row += bytes;
      y = how == 1 ? keepNaN(y, v128.load(row)) : f32x4.add(y, v128.load(row));
    }
    v128.store(out + at, f32x4.mul(y, f32x4.splat(share)));
  }
  for (; at < bytes; at += 4) {
    let y = f32.load(x + at);
    let row = x + at;
    for (let i = 1; i < rows; i++) {
      row += bytes;
      y = how == 1 ? max(y, f32.load(row)) : y + f32.load(row);
    }
    f32.store(out + at, y * share);
  }
}

/** The larger of two, NaN if either is. */
// @ts-ignore: decorator
@inline
function keepNaN(a: v128, b: v128): v128 {
  return v128.bitselect(b, larger(a, b), f32x4.ne(b, b));
}
