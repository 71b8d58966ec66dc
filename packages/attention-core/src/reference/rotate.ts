import { type Floats, zeros } from "./floats.ts";

/**
 * Turns column pair i of each head of x [P, H · D] by the angle whose cosine and sine are in row `positions[p]`, column
 * i of the tables; columns from `width` on stay. A position outside the tables gives zeros.
 */
export function rotate(
  x: Floats,
  positions: Int32Array,
  cos: Floats,
  sin: Floats,
  size: {
    readonly P: number;
    readonly H: number;
    readonly D: number;
    readonly width: number;
    readonly interleaved: boolean;
    readonly rows: number;
  },
): Float64Array {
  const { P, H, D, width, interleaved, rows } = size;
  const half = width / 2;
  const y = zeros(P * H * D);
  for (let p = 0; p < P; p += 1) {
    const position = positions[p]!;
    const known = position >= 0 && position < rows;
    for (let h = 0; h < H; h += 1) {
      const head = (p * H + h) * D;
      for (let i = 0; i < half; i += 1) {
        const c = known ? cos[position * half + i]! : 0;
        const s = known ? sin[position * half + i]! : 0;
        const first = head + (interleaved ? 2 * i : i);
        const second = head + (interleaved ? 2 * i + 1 : i + half);
        y[first] = x[first]! * c - x[second]! * s;
        y[second] = x[first]! * s + x[second]! * c;
      }
      for (let d = width; d < D; d += 1) y[head + d] = x[head + d]!;
    }
  }
  return y;
}
