// Rows of one head as the panels that the tiled gradient reads, and back. A matrix in panels of columns is
// [ceil(columns / 8)][rows][8], zeros beyond its columns.

import { packEightRows } from "../pack";

/** Bytes from one panel of columns to the next. */
// @ts-ignore: decorator
@inline
function panelBytes(rows: i32): usize {
  return <usize>rows << 5;
}

/** `rows` rows from `source`, `stride` bytes apart, times `scale`, as panels of columns of `panelRows` rows. */
export function packColumns(source: usize, stride: usize, rows: i32, columns: i32, scale: f32, target: usize, panelRows: i32): void {
  const factor = f32x4.splat(scale), next = panelBytes(panelRows);
  for (let row = 0; row < rows; row++) {
    let from = source + <usize>row * stride, to = target + (<usize>row << 5);
    let column = columns;
    for (; column >= 8; column -= 8) {
      v128.store(to, f32x4.mul(factor, v128.load(from)));
      v128.store(to, f32x4.mul(factor, v128.load(from, 16)), 16);
      from += 32;
      to += next;
    }
    if (column > 0) {
      for (let i = 0; i < 8; i++) f32.store(to + (<usize>i << 2), i < column ? scale * f32.load(from + (<usize>i << 2)) : 0);
    }
  }
}

/** Panels of columns times `scale` as rows, `stride` bytes apart: stored, or added to what is there. */
export function unpackColumns(source: usize, panelRows: i32, rows: i32, columns: i32, target: usize, stride: usize, scale: f32, add: bool): void {
  const factor = f32x4.splat(scale);
  const next = panelBytes(panelRows);
  for (let row = 0; row < rows; row++) {
    let from = source + (<usize>row << 5), to = target + <usize>row * stride;
    let column = columns;
    for (; column >= 8; column -= 8) {
      let x = f32x4.mul(factor, v128.load(from)), y = f32x4.mul(factor, v128.load(from, 16));
      if (add) {
        x = f32x4.add(x, v128.load(to));
        y = f32x4.add(y, v128.load(to, 16));
      }
      v128.store(to, x);
      v128.store(to, y, 16);
      from += next;
      to += 32;
    }
    for (let i = 0; i < column; i++) {
      const at = <usize>i << 2;
      f32.store(to + at, (add ? f32.load(to + at) : 0) + scale * f32.load(from + at));
    }
  }
}

/** Clears rows `from .. to` of panels of columns. */
export function clearPanels(target: usize, panelRows: i32, from: i32, to: i32, columns: i32): void {
  const none = f32x4.splat(0), first = panelBytes(from), last = panelBytes(to);
  for (let column = 0; column < columns; column += 8) {
    for (let at = target + first; at < target + last; at += 32) {
      v128.store(at, none);
      v128.store(at, none, 16);
    }
    target += panelBytes(panelRows);
  }
}

/** Rows as panels of eight, transposed: [panels][columns padded to eight][8], zeros beyond the columns. */
export function packEights(source: usize, stride: usize, rows: i32, columns: i32, target: usize): void {
  const bytes = <usize>((columns + 7) & ~7) << 5;
  for (let row = 0; row < rows; row += 8) {
    packEightRows(source + <usize>row * stride, stride, min(8, rows - row), columns, 1, target);
    for (let at = <usize>columns << 5; at < bytes; at += 16) v128.store(target + at, f32x4.splat(0));
    target += bytes;
  }
}

/** Whether some value of these columns is not a number, or so large, 2^56, that a product of two rows may overflow. */
export function isSpoiled(source: usize, stride: usize, rows: i32, columns: i32): bool {
  let largest = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let at = source + <usize>row * stride;
    const end = at + (<usize>columns << 2);
    for (; at + 16 <= end; at += 16) largest = i32x4.max_u(largest, i32x4.shl(v128.load(at), 1));
    for (; at < end; at += 4) largest = i32x4.max_u(largest, i32x4.shl(v128.load32_splat(at), 1));
  }
  return v128.any_true(i32x4.ge_u(largest, i32x4.splat(0xb7000000)));
}
