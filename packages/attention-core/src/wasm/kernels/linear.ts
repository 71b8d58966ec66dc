// act(x · weight + bias) from packed weights: blocks of 192 rows by 512 of depth, so that a packed block of x stays
// in the second-level cache and a panel of the weight in the first, and the 6 × 8 register tile inside.

import { activate, gelu, madd } from "./simd";
import { packSixRows } from "./pack";
import { tile6x8 } from "./tile";

export const ROWS: i32 = 192;
export const DEPTH: i32 = 512;

// @ts-ignore: decorator
@unmanaged
class Linear {
  x: usize; // [rows, depth]
  packed: usize; // by packWeight
  bias: usize; // [columns] or 0
  out: usize; // [rows, columns]
  rows: i32;
  depth: i32;
  columns: i32;
  activation: i32;
  panelsPerUnit: i32;
}

/**
 * A unit is a block of 192 rows by `panelsPerUnit` panels of 8 columns; the row block varies slowest. `scratch` holds
 * a packed block (192 · 512 floats) and a tile (64 floats).
 */
export function linear(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Linear>(params);
  const panels = (p.columns + 7) >> 3;
  const unitsAcross = (panels + p.panelsPerUnit - 1) / p.panelsPerUnit;
  for (let unit = from; unit < to; unit++) {
    const row = (unit / unitsAcross) * ROWS;
    const panel = (unit % unitsAcross) * p.panelsPerUnit;
    const rows = min(ROWS, p.rows - row);
    const panelEnd = min(panels, panel + p.panelsPerUnit);
    if (rows < 4) {
      for (let r = row; r < row + rows; r++) oneRow(p, r, panel, panelEnd);
    } else {
      block(p, row, rows, panel, panelEnd, scratch);
    }
  }
}

function block(p: Linear, row: i32, rows: i32, panelFrom: i32, panelTo: i32, scratch: usize): void {
  const tile = scratch + <usize>(ROWS * DEPTH * 4);
  const stride = <usize>p.columns << 2;
  const finishing = p.bias != 0 || p.activation != 0;
  for (let k = 0; k < p.depth || k == 0; k += DEPTH) {
    const depth = min(DEPTH, p.depth - k);
    for (let r = 0; r < rows; r += 6) {
      const source = p.x + ((<usize>(row + r) * <usize>p.depth + <usize>k) << 2);
      packSixRows(source, <usize>p.depth << 2, min(6, rows - r), depth, scratch + ((<usize>r * <usize>depth) << 2));
    }
    const last = k + DEPTH >= p.depth;
    for (let panel = panelFrom; panel < panelTo; panel++) {
      const b = p.packed + ((<usize>panel * <usize>p.depth + <usize>k) << 5);
      const width = min(8, p.columns - (panel << 3));
      for (let r = 0; r < rows; r += 6) {
        const a = scratch + ((<usize>r * <usize>depth) << 2);
        const height = min(6, rows - r);
        const c = p.out + ((<usize>(row + r) * <usize>p.columns + <usize>(panel << 3)) << 2);
        if (height == 6 && width == 8) {
          tile6x8(a, b, depth, c, stride, k > 0);
          if (last && finishing) finish(p, c, stride, 6, panel << 3, 8);
        } else {
          if (k > 0) copyTile(c, stride, tile, 32, height, width);
          tile6x8(a, b, depth, tile, 32, k > 0);
          copyTile(tile, 32, c, stride, height, width);
          if (last && finishing) finish(p, c, stride, height, panel << 3, width);
        }
      }
    }
  }
}

/** `height` rows of `width` floats, at most eight, from one place to another; for so few `memory.copy` is slow. */
export function copyTile(from: usize, fromStride: usize, to: usize, toStride: usize, height: i32, width: i32): void {
  for (let i = 0; i < height; i++) {
    if (width == 8) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else {
      for (let j: usize = 0; j < <usize>width << 2; j += 4) f32.store(to + j, f32.load(from + j));
    }
    from += fromStride;
    to += toStride;
  }
}

/** Bias and activation over `height` × `width` sums at `c`, which are still in the first-level cache. */
function finish(p: Linear, c: usize, stride: usize, height: i32, column: i32, width: i32): void {
  const bias = p.bias + (<usize>column << 2);
  if (width == 8) {
    const b0 = p.bias != 0 ? v128.load(bias) : f32x4.splat(0);
    const b1 = p.bias != 0 ? v128.load(bias, 16) : f32x4.splat(0);
    for (let i = 0; i < height; i++) {
      const x0 = f32x4.add(v128.load(c), b0), x1 = f32x4.add(v128.load(c, 16), b1);
      // What nearly all networks use stands here: a call for each vector costs more than the sum.
      if (p.activation == 0) {
        v128.store(c, x0);
        v128.store(c, x1, 16);
      } else if (p.activation == 1) {
        v128.store(c, gelu(x0));
        v128.store(c, gelu(x1), 16);
      } else {
        v128.store(c, activate(x0, p.activation));
        v128.store(c, activate(x1, p.activation), 16);
      }
      c += stride;
    }
    return;
  }
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const at = c + (<usize>j << 2);
      const sum = f32.load(at) + (p.bias != 0 ? f32.load(bias + (<usize>j << 2)) : 0);
      f32.store(at, f32x4.extract_lane(activate(f32x4.splat(sum), p.activation), 0));
    }
    c += stride;
  }
}

/**
 * One row of x against panels of the weight, for the few rows of a decoding step, where reading the weight is the
 * cost. Each sum runs in the order of `block`, so that a row comes out with the same bits whatever it is computed
 * beside.
 */
function oneRow(p: Linear, row: i32, panelFrom: i32, panelTo: i32): void {
  const x = p.x + ((<usize>row * <usize>p.depth) << 2);
  const out = p.out + ((<usize>row * <usize>p.columns) << 2);
  const panelBytes = <usize>p.depth << 5;
  let panel = panelFrom;
  for (; panel + 4 <= panelTo; panel += 4) {
    let b0 = p.packed + <usize>panel * panelBytes, b1 = b0 + panelBytes, b2 = b1 + panelBytes, b3 = b2 + panelBytes;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    for (let d = 0; d < p.depth; d++) {
      const s = v128.load32_splat(x + (<usize>d << 2));
      c00 = madd(s, v128.load(b0), c00); c01 = madd(s, v128.load(b0, 16), c01);
      c10 = madd(s, v128.load(b1), c10); c11 = madd(s, v128.load(b1, 16), c11);
      c20 = madd(s, v128.load(b2), c20); c21 = madd(s, v128.load(b2, 16), c21);
      c30 = madd(s, v128.load(b3), c30); c31 = madd(s, v128.load(b3, 16), c31);
      b0 += 32; b1 += 32; b2 += 32; b3 += 32;
    }
    storePanel(p, out, panel, c00, c01);
    storePanel(p, out, panel + 1, c10, c11);
    storePanel(p, out, panel + 2, c20, c21);
    storePanel(p, out, panel + 3, c30, c31);
  }
  for (; panel < panelTo; panel++) {
    const b = p.packed + <usize>panel * panelBytes;
    let c0 = f32x4.splat(0), c1 = c0;
    for (let d = 0; d < p.depth; d++) {
      const s = v128.load32_splat(x + (<usize>d << 2));
      c0 = madd(s, v128.load(b + (<usize>d << 5)), c0);
      c1 = madd(s, v128.load(b + (<usize>d << 5), 16), c1);
    }
    storePanel(p, out, panel, c0, c1);
  }
}

function storePanel(p: Linear, out: usize, panel: i32, c0: v128, c1: v128): void {
  const column = panel << 3;
  const at = out + (<usize>column << 2);
  const width = min(8, p.columns - column);
  if (width == 8) {
    v128.store(at, c0);
    v128.store(at, c1, 16);
  } else {
    for (let j = 0; j < width; j++) f32.store(at + (<usize>j << 2), lane(c0, c1, j));
  }
  if (p.bias != 0 || p.activation != 0) finish(p, at, 0, 1, column, width);
}

function lane(c0: v128, c1: v128, index: i32): f32 {
  const c = index < 4 ? c0 : c1;
  switch (index & 3) {
    case 0: return f32x4.extract_lane(c, 0);
    case 1: return f32x4.extract_lane(c, 1);
    case 2: return f32x4.extract_lane(c, 2);
    default: return f32x4.extract_lane(c, 3);
  }
}
