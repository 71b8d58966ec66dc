// Rotary positions. Units are rows.

// @ts-ignore: decorator
@unmanaged
class Rotate {
  x: usize; // [P, heads · width]
  positions: usize; // i32 [P]
  cos: usize; // [rows, half]
  sin: usize; // [rows, half]
  out: usize;
  heads: i32;
  width: i32;
  half: i32; // pairs of columns that turn
  interleaved: i32;
  rows: i32; // of cos and sin
  direction: f32; // 1, or -1 to turn back
}

export function rotate(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Rotate>(params);
  const bytes = <usize>p.width << 2, half = <usize>p.half << 2;
  for (let row = from; row < to; row++) {
    const at = <usize>row * <usize>p.heads * bytes;
    const position = load<i32>(p.positions + (<usize>row << 2));
    memory.copy(p.out + at, p.x + at, <usize>p.heads * bytes);
    const known = position >= 0 && position < p.rows;
    const cos = p.cos + <usize>position * half, sin = p.sin + <usize>position * half;
    for (let head: usize = 0; head < <usize>p.heads; head++) {
      const x = p.x + at + head * bytes, out = p.out + at + head * bytes;
      if (!known) {
        memory.fill(out, 0, half << 1); // a position outside the table has no angle
        continue;
      }
      if (p.interleaved != 0) turnNeighbours(x, out, cos, sin, half, p.direction);
      else turnHalves(x, out, cos, sin, half, p.direction);
    }
  }
}

/** Turns pairs (i, i + half); `half` in bytes. */
function turnHalves(x: usize, out: usize, cos: usize, sin: usize, half: usize, direction: f32): void {
  const sign = f32x4.splat(direction);
  let i: usize = 0;
  for (; i + 16 <= half; i += 16) {
    const c = v128.load(cos + i), s = f32x4.mul(sign, v128.load(sin + i));
    const a = v128.load(x + i), b = v128.load(x + half + i);
    v128.store(out + i, f32x4.sub(f32x4.mul(c, a), f32x4.mul(s, b)));
    v128.store(out + half + i, f32x4.add(f32x4.mul(s, a), f32x4.mul(c, b)));
  }
  for (; i < half; i += 4) turnPair(x + i, out + i, half, f32.load(cos + i), direction * f32.load(sin + i));
}

/** Turns pairs (2i, 2i + 1). */
function turnNeighbours(x: usize, out: usize, cos: usize, sin: usize, half: usize, direction: f32): void {
  for (let i: usize = 0; i < half; i += 4) {
    turnPair(x + (i << 1), out + (i << 1), 4, f32.load(cos + i), direction * f32.load(sin + i));
  }
}

// @ts-ignore: decorator
@inline
function turnPair(x: usize, out: usize, apart: usize, c: f32, s: f32): void {
  const a = f32.load(x), b = f32.load(x + apart);
  f32.store(out, c * a - s * b);
  f32.store(out + apart, s * a + c * b);
}
