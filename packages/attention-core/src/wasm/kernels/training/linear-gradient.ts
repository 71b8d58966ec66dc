// The products of a linear layer's gradient, from panels that are transposed on the way.

import { copyTile, DEPTH, ROWS } from "../linear";
import { packEightRows } from "../pack";
import { tile6x8 } from "../tile";

// @ts-ignore: decorator
@unmanaged
class PackTransposed {
  weight: usize; // [rows, depth]
  packed: usize; // [ceil(rows / 8)][depth][8]
  rows: i32;
  depth: i32;
}

/** The transposed weight as panels for `linear`: units are panels of eight rows. */
export function packWeightTransposed(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<PackTransposed>(params);
  const stride = <usize>p.depth << 2;
  for (let panel = from; panel < to; panel++) {
    const row = panel << 3;
    packEightRows(p.weight + <usize>row * stride, stride, min(8, p.rows - row), p.depth, 1, p.packed + <usize>row * stride);
  }
}

// @ts-ignore: decorator
@unmanaged
class PackRows {
  x: usize; // [rows, columns]
  packed: usize; // [ceil(columns / 8)][rows][8]
  rows: i32;
  columns: i32;
}

/** Rows that are packed panel by panel while they are close: a unit. */
const PACK_ROWS: i32 = 16;

/** A matrix of many rows as panels of eight columns, as `packWeight` lays them out; units are blocks of rows. */
export function packRows(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<PackRows>(params);
  const stride = <usize>p.columns << 2, panelBytes = <usize>p.rows << 5;
  for (let unit = from; unit < to; unit++) {
    const row = unit * PACK_ROWS;
    const rows = min(PACK_ROWS, p.rows - row);
    const x = p.x + <usize>row * stride;
    let target = p.packed + (<usize>row << 5);
    let column: usize = 0;
    for (; column + 32 <= stride; column += 32) {
      let source = x + column;
      for (let r: usize = 0; r < <usize>rows << 5; r += 32) {
        v128.store(target + r, v128.load(source));
        v128.store(target + r, v128.load(source, 16), 16);
        source += stride;
      }
      target += panelBytes;
    }
    if (column == stride) continue;
    const width = stride - column;
    for (let r = 0; r < rows; r++) {
      const source = x + column + <usize>r * stride, to = target + (<usize>r << 5);
      for (let c: usize = 0; c < 32; c += 4) f32.store(to + c, c < width ? f32.load(source + c) : 0);
    }
  }
}

// @ts-ignore: decorator
@unmanaged
class WeightGradient {
  x: usize; // [rows, height]
  packed: usize; // dy [rows, width], by packRows
  out: usize; // [height, width]
  rows: i32;
  height: i32;
  width: i32;
  rowsPerUnit: i32; // a multiple of 6, at most ROWS
  panelsPerUnit: i32;
  accumulate: i32; // 1: add to what is there
}

/**
 * xᵀ · dy. A unit is a block of `rowsPerUnit` rows of the result by `panelsPerUnit` panels of 8 columns; the row block
 * varies slowest. `scratch` is that of `linear`.
 */
export function linearWeightGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<WeightGradient>(params);
  const panels = (p.width + 7) >> 3;
  const unitsAcross = (panels + p.panelsPerUnit - 1) / p.panelsPerUnit;
  for (let unit = from; unit < to; unit++) {
    const row = (unit / unitsAcross) * p.rowsPerUnit;
    const panel = (unit % unitsAcross) * p.panelsPerUnit;
    block(p, row, min(p.rowsPerUnit, p.height - row), panel, min(panels, panel + p.panelsPerUnit), scratch);
  }
}

function block(p: WeightGradient, row: i32, rows: i32, panelFrom: i32, panelTo: i32, scratch: usize): void {
  const tile = scratch + <usize>(ROWS * DEPTH * 4);
  const stride = <usize>p.width << 2;
  for (let k = 0; k < p.rows || k == 0; k += DEPTH) {
    const depth = min(DEPTH, p.rows - k);
    const accumulate = p.accumulate != 0 || k > 0;
    packColumns(p.x + ((<usize>k * <usize>p.height + <usize>row) << 2), <usize>p.height << 2, rows, depth, scratch);
    for (let panel = panelFrom; panel < panelTo; panel++) {
      const b = p.packed + ((<usize>panel * <usize>p.rows + <usize>k) << 5);
      const width = min(8, p.width - (panel << 3));
      for (let r = 0; r < rows; r += 6) {
        const a = scratch + ((<usize>r * <usize>depth) << 2);
        const height = min(6, rows - r);
        const c = p.out + ((<usize>(row + r) * <usize>p.width + <usize>(panel << 3)) << 2);
        if (height == 6 && width == 8) {
          tile6x8(a, b, depth, c, stride, accumulate);
        } else {
          if (accumulate) copyTile(c, stride, tile, 32, height, width);
          tile6x8(a, b, depth, tile, 32, accumulate);
          copyTile(tile, 32, c, stride, height, width);
        }
      }
    }
  }
}

/**
 * `columns` columns from `source`, of rows `stride` bytes apart, as panels [depth][6]. Eight rows are spread over all
 * panels before the next eight: they stay in the first-level cache, and whole lines are written.
 */
function packColumns(source: usize, stride: usize, columns: i32, depth: i32, target: usize): void {
  for (let d = 0; d < depth; d += 8) {
    const rows = min(8, depth - d);
    let from = source, to = target + <usize>d * 24;
    for (let c = 0; c < columns; c += 6) {
      packSixColumns(from, stride, min(6, columns - c), rows, to);
      from += 24;
      to += <usize>depth * 24;
    }
    source += stride << 3;
  }
}

/** Up to six columns as a panel [rows][6]; the last one stands in for missing ones. */
// @ts-ignore: decorator
@inline
function packSixColumns(source: usize, stride: usize, columns: i32, rows: i32, target: usize): void {
  if (columns == 6) {
    for (let r = 0; r < rows; r++) {
      v128.store(target, v128.load(source));
      store<i64>(target, load<i64>(source, 16), 16);
      source += stride;
      target += 24;
    }
    return;
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < 6; c++) f32.store(target + (<usize>c << 2), f32.load(source + (<usize>min(c, columns - 1) << 2)));
    source += stride;
    target += 24;
  }
}
