// The gradient of `pool`. A unit is a strip of columns of one set; the strip varies fastest.

// @ts-ignore: decorator
@unmanaged
class PoolGradient {
  x: usize; // [P, width]
  offsets: usize; // i32 [sets + 1]
  dy: usize; // [sets, width]
  out: usize; // [P, width]
  width: i32;
  how: i32; // 0 mean, 1 max, 2 first, 3 sum
  columnsPerUnit: i32;
}

export function poolGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<PoolGradient>(params);
  const strips = (p.width + p.columnsPerUnit - 1) / p.columnsPerUnit;
  const stride = <usize>p.width << 2;
  for (let unit = from; unit < to; unit++) {
    const set = unit / strips;
    const column = (unit - set * strips) * p.columnsPerUnit;
    const bytes = <usize>min(p.columnsPerUnit, p.width - column) << 2;
    const first = load<i32>(p.offsets + (<usize>set << 2));
    const rows = load<i32>(p.offsets + (<usize>set << 2), 4) - first;
    const at = <usize>first * stride + (<usize>column << 2);
    const dy = p.dy + <usize>set * stride + (<usize>column << 2);
    if (rows == 0) continue;
    if (p.how == 1) largest(p.x + at, dy, p.out + at, stride, rows, bytes);
    else spread(dy, p.out + at, stride, rows, bytes, p.how);
  }
}

/** Each row gets its share of dy, or the first gets it all. */
function spread(dy: usize, out: usize, stride: usize, rows: i32, bytes: usize, how: i32): void {
  const share: f32 = how == 0 ? 1 / <f32>rows : 1;
  for (let row = 0; row < rows; row++, out += stride) {
    if (how == 2) {
      if (row == 0) memory.copy(out, dy, bytes);
      else memory.fill(out, 0, bytes);
      continue;
    }
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(out + at, f32x4.mul(v128.load(dy + at), f32x4.splat(share)));
    for (; at < bytes; at += 4) f32.store(out + at, f32.load(dy + at) * share);
  }
}

/** The first row that has the largest value gets dy; a NaN is larger than all else. */
function largest(x: usize, dy: usize, out: usize, stride: usize, rows: i32, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const chosen = firstLargest(x + at, stride, rows);
    const d = v128.load(dy + at);
    let target = out + at;
    for (let row = 0; row < rows; row++, target += stride) v128.store(target, v128.and(d, i32x4.eq(chosen, i32x4.splat(row))));
  }
  for (; at < bytes; at += 4) {
    let best = f32.load(x + at);
    let chosen = 0;
    for (let row = 1; row < rows; row++) {
      const value = f32.load(x + at + <usize>row * stride);
      if (value > best || (value != value && best == best)) {
        best = value;
        chosen = row;
      }
    }
    for (let row = 0; row < rows; row++) f32.store(out + at + <usize>row * stride, row == chosen ? f32.load(dy + at) : 0);
  }
}

function firstLargest(x: usize, stride: usize, rows: i32): v128 {
  let best = v128.load(x);
  let chosen = i32x4.splat(0);
  for (let row = 1; row < rows; row++) {
    x += stride;
    const value = v128.load(x);
    const isNaN = v128.and(f32x4.ne(value, value), f32x4.eq(best, best));
    const better = v128.or(f32x4.gt(value, best), isNaN);
    best = v128.bitselect(value, best, better);
    chosen = v128.bitselect(i32x4.splat(row), chosen, better);
  }
  return chosen;
}
