import { type Floats, zeros } from "./floats.ts";

/** Rows of x [P, W] at `windows` [R, T], side by side: [R, T · W]; zeros for an entry outside 0 .. P - 1. */
export function unfold(
  x: Floats,
  windows: Int32Array,
  { P, W, R, T }: { readonly P: number; readonly W: number; readonly R: number; readonly T: number },
): Float64Array {
  const rows = zeros(R * T * W);
  for (let place = 0; place < R * T; place += 1) {
    const row = windows[place]!;
    if (row < 0 || row >= P) continue;
    for (let w = 0; w < W; w += 1) rows[place * W + w] = x[row * W + w]!;
  }
  return rows;
}
