// Rearranging rows into the panels that the register tile reads in order: [depth][6] for the broadcast operand,
// [depth][8] for the vector operand.

/**
 * Six rows from `source`, `stride` bytes apart, as a panel [depth][6] at `target`. Where there are fewer, the last one
 * stands in for the others: what is computed of it is never looked at.
 */
export function packSixRows(source: usize, stride: usize, rows: i32, depth: i32, target: usize): void {
  const s0 = source, s1 = rowAt(source, stride, rows, 1), s2 = rowAt(source, stride, rows, 2);
  const s3 = rowAt(source, stride, rows, 3), s4 = rowAt(source, stride, rows, 4), s5 = rowAt(source, stride, rows, 5);
  let d: i32 = 0;
  for (; d + 4 <= depth; d += 4) {
    const at = <usize>d << 2;
    const r0 = v128.load(s0 + at), r1 = v128.load(s1 + at), r2 = v128.load(s2 + at);
    const r3 = v128.load(s3 + at), r4 = v128.load(s4 + at), r5 = v128.load(s5 + at);
    const x0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    const y0 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), y1 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    const z0 = v128.shuffle<i32>(r4, r5, 0, 4, 1, 5), z1 = v128.shuffle<i32>(r4, r5, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<i64>(x0, y0, 0, 2));
    v128.store64_lane(target, z0, 0, 16);
    v128.store(target, v128.shuffle<i64>(x0, y0, 1, 3), 24);
    v128.store64_lane(target, z0, 1, 40);
    v128.store(target, v128.shuffle<i64>(x1, y1, 0, 2), 48);
    v128.store64_lane(target, z1, 0, 64);
    v128.store(target, v128.shuffle<i64>(x1, y1, 1, 3), 72);
    v128.store64_lane(target, z1, 1, 88);
    target += 96;
  }
  for (; d < depth; d++) {
    for (let r = 0; r < 6; r++) {
      f32.store(target, f32.load(rowAt(source, stride, rows, r) + (<usize>d << 2)));
      target += 4;
    }
  }
}

/** Up to four rows as a panel [depth][4] at `target`; the last one stands in for missing ones. */
export function packFourRows(source: usize, stride: usize, rows: i32, depth: i32, target: usize): void {
  const s0 = source, s1 = rowAt(source, stride, rows, 1), s2 = rowAt(source, stride, rows, 2), s3 = rowAt(source, stride, rows, 3);
  let d: i32 = 0;
  for (; d + 4 <= depth; d += 4) {
    const at = <usize>d << 2;
    const r0 = v128.load(s0 + at), r1 = v128.load(s1 + at), r2 = v128.load(s2 + at), r3 = v128.load(s3 + at);
    const x0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    const y0 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), y1 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<i64>(x0, y0, 0, 2));
    v128.store(target, v128.shuffle<i64>(x0, y0, 1, 3), 16);
    v128.store(target, v128.shuffle<i64>(x1, y1, 0, 2), 32);
    v128.store(target, v128.shuffle<i64>(x1, y1, 1, 3), 48);
    target += 64;
  }
  for (; d < depth; d++) {
    const at = <usize>d << 2;
    f32.store(target, f32.load(s0 + at));
    f32.store(target, f32.load(s1 + at), 4);
    f32.store(target, f32.load(s2 + at), 8);
    f32.store(target, f32.load(s3 + at), 12);
    target += 16;
  }
}

/** Row `index`, or the last one. */
// @ts-ignore: decorator
@inline
function rowAt(source: usize, stride: usize, rows: i32, index: i32): usize {
  return source + <usize>min(index, rows - 1) * stride;
}

/** Eight rows times `scale` as a panel [depth][8] at `target`; the last one stands in for missing ones. */
export function packEightRows(source: usize, stride: usize, rows: i32, depth: i32, scale: f32, target: usize): void {
  const factor = f32x4.splat(scale);
  for (let half = 0; half < 8; half += 4) {
    const s0 = rowAt(source, stride, rows, half), s1 = rowAt(source, stride, rows, half + 1);
    const s2 = rowAt(source, stride, rows, half + 2), s3 = rowAt(source, stride, rows, half + 3);
    let to = target + (<usize>half << 2);
    let d: i32 = 0;
    for (; d + 4 <= depth; d += 4) {
      const at = <usize>d << 2;
      const r0 = v128.load(s0 + at), r1 = v128.load(s1 + at), r2 = v128.load(s2 + at), r3 = v128.load(s3 + at);
      const x0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), x1 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
      const y0 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), y1 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
      v128.store(to, f32x4.mul(factor, v128.shuffle<i64>(x0, y0, 0, 2)));
      v128.store(to, f32x4.mul(factor, v128.shuffle<i64>(x0, y0, 1, 3)), 32);
      v128.store(to, f32x4.mul(factor, v128.shuffle<i64>(x1, y1, 0, 2)), 64);
      v128.store(to, f32x4.mul(factor, v128.shuffle<i64>(x1, y1, 1, 3)), 96);
      to += 128;
    }
    for (; d < depth; d++) {
      const at = <usize>d << 2;
      f32.store(to, f32.load(s0 + at) * scale);
      f32.store(to, f32.load(s1 + at) * scale, 4);
      f32.store(to, f32.load(s2 + at) * scale, 8);
      f32.store(to, f32.load(s3 + at) * scale, 12);
      to += 32;
    }
  }
}

/** The place of panel `index` of a [depth, columns] matrix packed by `packWeight`. */
// @ts-ignore: decorator
@inline
function panelOf(packed: usize, index: i32, depth: i32): usize {
  return packed + ((<usize>index * <usize>depth) << 5);
}

// @ts-ignore: decorator
@unmanaged
class PackWeight {
  weight: usize; // [depth, columns]
  packed: usize; // [ceil(columns / 8)][depth][8]
  depth: i32;
  columns: i32;
}

/** Units are panels of eight columns. */
export function packWeight(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<PackWeight>(params);
  const stride = <usize>p.columns << 2;
  for (let panel = from; panel < to; panel++) {
    const column = panel << 3;
    const width = min(8, p.columns - column);
    let source = p.weight + (<usize>column << 2);
    let target = panelOf(p.packed, panel, p.depth);
    for (let d = 0; d < p.depth; d++) {
      if (width == 8) {
        v128.store(target, v128.load(source));
        v128.store(target, v128.load(source, 16), 16);
      } else {
        for (let c = 0; c < 8; c++) {
          f32.store(target + (<usize>c << 2), c < width ? f32.load(source + (<usize>c << 2)) : 0);
        }
      }
      source += stride;
      target += 32;
    }
  }
}

/** Reads a word of each cache line of `bytes`, so that they come in order; whoever calls stores the sum, or it is left out. */
export function fetch(from: usize, bytes: usize): i32 {
  let sum: i32 = 0;
  for (const end = from + bytes; from < end; from += 64) sum |= load<i32>(from);
  return sum;
}
