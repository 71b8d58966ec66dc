// Gradients of what copies rows: each row is added to the one that it came from.

// @ts-ignore: decorator
@unmanaged
class Fill {
  out: usize;
  bytesPerUnit: i32;
  tailBytes: i32; // of the last unit
  units: i32;
}

/** Zeros. Units are stretches of memory. */
export function fillZeros(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Fill>(params);
  const bytes = <usize>(to - from) * <usize>p.bytesPerUnit - (to == p.units ? <usize>(p.bytesPerUnit - p.tailBytes) : 0);
  memory.fill(p.out + <usize>from * <usize>p.bytesPerUnit, 0, bytes);
}

// @ts-ignore: decorator
@unmanaged
class Scatter {
  dy: usize; // [count, width]
  ids: usize; // i32 [count]
  out: usize; // [rows, width]
  rows: i32;
  width: i32;
  count: i32;
  columnsPerUnit: i32;
}

/**
 * Adds row i of dy to row `ids[i]` of the result, in the order of i; an id outside it adds to nothing. Units are strips
 * of columns, so that no two add to the same sum.
 */
export function scatterRows(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Scatter>(params);
  const stride = <usize>p.width << 2;
  const column = from * p.columnsPerUnit;
  const start = <usize>column << 2;
  const bytes = <usize>(min(p.width, to * p.columnsPerUnit) - column) << 2;
  let source = p.dy + start;
  for (let i = 0; i < p.count; i++, source += stride) {
    const id = load<i32>(p.ids + (<usize>i << 2));
    if (<u32>id >= <u32>p.rows) continue;
    const target = p.out + <usize>id * stride + start;
    let at: usize = 0;
    for (; at + 32 <= bytes; at += 32) {
      v128.store(target + at, f32x4.add(v128.load(target + at), v128.load(source + at)));
      v128.store(target + at, f32x4.add(v128.load(target + at, 16), v128.load(source + at, 16)), 16);
    }
    for (; at < bytes; at += 4) f32.store(target + at, f32.load(target + at) + f32.load(source + at));
  }
}
