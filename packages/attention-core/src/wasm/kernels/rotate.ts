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
      if (p.interleaved != 0) turn(x, out, cos, sin, half, 8, 4);
      else turn(x, out, cos, sin, half, 4, half);
    }
  }
}

/** Turns pairs (i · step, i · step + apart), in bytes. */
function turn(x: usize, out: usize, cos: usize, sin: usize, half: usize, step: usize, apart: usize): void {
  let first: usize = 0;
  for (let i: usize = 0; i < half; i += 4) {
    const c = f32.load(cos + i), s = f32.load(sin + i);
    const a = f32.load(x + first), b = f32.load(x + first + apart);
    f32.store(out + first, c * a - s * b);
    f32.store(out + first + apart, s * a + c * b);
    first += step;
  }
}
