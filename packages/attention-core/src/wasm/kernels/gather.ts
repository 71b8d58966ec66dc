// Copies of rows and of parts of rows: embed, unfold, concatenate, slice, append.

// @ts-ignore: decorator
@unmanaged
class Gather {
  table: usize; // [rows, width]
  ids: usize; // i32, one per unit
  out: usize; // [units, width]
  rows: i32;
  width: i32;
}

/** Row `ids[unit]` of the table, or zeros for an id outside it. Units are ids. */
export function gather(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Gather>(params);
  const bytes = <usize>p.width << 2;
  for (let unit = from; unit < to; unit++) {
    const id = load<i32>(p.ids + (<usize>unit << 2));
    const out = p.out + <usize>unit * bytes;
    if (id >= 0 && id < p.rows) memory.copy(out, p.table + <usize>id * bytes, bytes);
    else memory.fill(out, 0, bytes);
  }
}

// @ts-ignore: decorator
@unmanaged
class CopyColumns {
  from: usize;
  to: usize;
  fromStride: i32; // bytes from row to row
  toStride: i32;
  bytes: i32; // of each row
}

/** The same stretch of each row, from one place to another. Units are rows. */
export function copyColumns(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<CopyColumns>(params);
  for (let row = from; row < to; row++) {
    memory.copy(p.to + <usize>row * <usize>p.toStride, p.from + <usize>row * <usize>p.fromStride, <usize>p.bytes);
  }
}
