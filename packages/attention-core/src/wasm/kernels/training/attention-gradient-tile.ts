// The register tile of `../tile.ts`, made for operands as they stand: rows in panels of eight columns, [panels][96][8],
// and weights or their gradients as rows of 48 keys. Broadcasts need no packing, whichever way they go; the vector operand
// `b` is [depth][8].

import { madd } from "../simd";

/** Rows of a panel of columns of the queries. */
const PANEL_ROWS: usize = 96;

/** Six rows of 48 keys at `c`, eight of these: the products of six rows at `a`, in panels of columns, with `b`. */
export function tileForward6x8(a: usize, b: usize, panels: i32, c: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (; panels > 0; panels--) {
    for (let k = 8; k > 0; k--) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let s = v128.load32_splat(a);
      c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
      s = v128.load32_splat(a, 32);
      c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
      s = v128.load32_splat(a, 64);
      c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
      s = v128.load32_splat(a, 96);
      c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
      s = v128.load32_splat(a, 128);
      c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
      s = v128.load32_splat(a, 160);
      c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
      a += 4;
      b += 32;
    }
    a += PANEL_ROWS * 32 - 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c, c10, 192); v128.store(c, c11, 208);
  v128.store(c, c20, 384); v128.store(c, c21, 400);
  v128.store(c, c30, 576); v128.store(c, c31, 592);
  v128.store(c, c40, 768); v128.store(c, c41, 784);
  v128.store(c, c50, 960); v128.store(c, c51, 976);
}

/** The same for four rows. */
export function tileForward4x8(a: usize, b: usize, panels: i32, c: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (; panels > 0; panels--) {
    for (let k = 8; k > 0; k--) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let s = v128.load32_splat(a);
      c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
      s = v128.load32_splat(a, 32);
      c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
      s = v128.load32_splat(a, 64);
      c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
      s = v128.load32_splat(a, 96);
      c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
      a += 4;
      b += 32;
    }
    a += PANEL_ROWS * 32 - 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c, c10, 192); v128.store(c, c11, 208);
  v128.store(c, c20, 384); v128.store(c, c21, 400);
  v128.store(c, c30, 576); v128.store(c, c31, 592);
}

/** Rows of 8 at `c` = aᵀ · b, or added to: six neighbouring keys of `depth` rows at `a`. */
export function tileDown6x8(a: usize, b: usize, depth: i32, c: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  if (add) {
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c10 = v128.load(c, 32); c11 = v128.load(c, 48);
    c20 = v128.load(c, 64); c21 = v128.load(c, 80);
    c30 = v128.load(c, 96); c31 = v128.load(c, 112);
    c40 = v128.load(c, 128); c41 = v128.load(c, 144);
    c50 = v128.load(c, 160); c51 = v128.load(c, 176);
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(a, 16);
    c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(a, 20);
    c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    a += 192;
    b += 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c, c10, 32); v128.store(c, c11, 48);
  v128.store(c, c20, 64); v128.store(c, c21, 80);
  v128.store(c, c30, 96); v128.store(c, c31, 112);
  v128.store(c, c40, 128); v128.store(c, c41, 144);
  v128.store(c, c50, 160); v128.store(c, c51, 176);
}

/** The same for four keys. */
export function tileDown4x8(a: usize, b: usize, depth: i32, c: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  if (add) {
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c10 = v128.load(c, 32); c11 = v128.load(c, 48);
    c20 = v128.load(c, 64); c21 = v128.load(c, 80);
    c30 = v128.load(c, 96); c31 = v128.load(c, 112);
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    a += 192;
    b += 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c, c10, 32); v128.store(c, c11, 48);
  v128.store(c, c20, 64); v128.store(c, c21, 80);
  v128.store(c, c30, 96); v128.store(c, c31, 112);
}

/** Rows of 8 at `c` = a · b, or added to: `depth` neighbouring keys of six rows at `a`. */
export function tileAlong6x8(a: usize, b: usize, depth: i32, c: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  if (add) {
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c10 = v128.load(c, 32); c11 = v128.load(c, 48);
    c20 = v128.load(c, 64); c21 = v128.load(c, 80);
    c30 = v128.load(c, 96); c31 = v128.load(c, 112);
    c40 = v128.load(c, 128); c41 = v128.load(c, 144);
    c50 = v128.load(c, 160); c51 = v128.load(c, 176);
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 192);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 384);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 576);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(a, 768);
    c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(a, 960);
    c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    a += 4;
    b += 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c, c10, 32); v128.store(c, c11, 48);
  v128.store(c, c20, 64); v128.store(c, c21, 80);
  v128.store(c, c30, 96); v128.store(c, c31, 112);
  v128.store(c, c40, 128); v128.store(c, c41, 144);
  v128.store(c, c50, 160); v128.store(c, c51, 176);
}

/** The same for four rows. */
export function tileAlong4x8(a: usize, b: usize, depth: i32, c: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  if (add) {
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c10 = v128.load(c, 32); c11 = v128.load(c, 48);
    c20 = v128.load(c, 64); c21 = v128.load(c, 80);
    c30 = v128.load(c, 96); c31 = v128.load(c, 112);
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 192);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 384);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 576);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    a += 4;
    b += 32;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c, c10, 32); v128.store(c, c11, 48);
  v128.store(c, c20, 64); v128.store(c, c21, 80);
  v128.store(c, c30, 96); v128.store(c, c31, 112);
}
