// Rows of one head as the panels that the tiled gradient reads, and back. A matrix in panels of columns is
// [ceil(columns / 8)][rows][8], zeros beyond its columns.

import { packEightRows, packFourRows, packSixRows } from "../pack";

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

/** Panels of columns as rows, `stride` bytes apart: stored, or added to what is there. */
export function unpackColumns(source: usize, panelRows: i32, rows: i32, columns: i32, target: usize, stride: usize, add: bool): void {
  const next = panelBytes(panelRows);
  for (let row = 0; row < rows; row++) {
    let from = source + (<usize>row << 5), to = target + <usize>row * stride;
    let column = columns;
    for (; column >= 8; column -= 8) {
      let x = v128.load(from), y = v128.load(from, 16);
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
      f32.store(to + at, (add ? f32.load(to + at) : 0) + f32.load(from + at));
    }
  }
}

/** Clears panels of columns, rows 0 .. rows of each. */
export function clearPanels(target: usize, panelRows: i32, rows: i32, columns: i32): void {
  for (let column = 0; column < columns; column += 8) {
    memory.fill(target, 0, panelBytes(rows));
    target += panelBytes(panelRows);
  }
}

/** Rows as panels of six, transposed: [panels][columns][6]; the last one, of up to four rows, as [columns][4]. */
export function packSixes(source: usize, stride: usize, rows: i32, columns: i32, target: usize): void {
  for (let row = 0; row < rows; row += 6) {
    const left = rows - row, from = source + <usize>row * stride;
    if (left <= 4) packFourRows(from, stride, left, columns, target);
    else packSixRows(from, stride, min(6, left), columns, target);
    target += <usize>(columns * 24);
  }
}

/** Rows times `scale` as panels of eight, transposed: [panels][columns][8]. */
export function packEights(source: usize, stride: usize, rows: i32, columns: i32, scale: f32, target: usize): void {
  for (let row = 0; row < rows; row += 8) {
    packEightRows(source + <usize>row * stride, stride, min(8, rows - row), columns, scale, target);
    target += <usize>columns << 5;
  }
}

/** Whether some value of these columns is infinite or not a number. */
export function isSpoiled(source: usize, stride: usize, rows: i32, columns: i32): bool {
  for (let row = 0; row < rows; row++) {
    const from = source + <usize>row * stride;
    for (let column: usize = 0; column < <usize>columns; column++) {
      if ((load<u32>(from + (column << 2)) << 1) >= 0xff000000) return true;
    }
  }
  return false;
}
