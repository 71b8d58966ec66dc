import { type Floats, zeros } from "./floats.ts";

/** Rows of `table` [V, W] at `ids` [P, T], side by side: [P, T · W]; zeros for an id outside 0 .. V - 1. */
export function embed(
  table: Floats,
  ids: Int32Array,
  { V, W, P, T }: { readonly V: number; readonly W: number; readonly P: number; readonly T: number },
): Float64Array {
  const rows = zeros(P * T * W);
  for (let place = 0; place < P * T; place += 1) {
    const id = ids[place]!;
    if (id < 0 || id >= V) continue;
    for (let w = 0; w < W; w += 1) rows[place * W + w] = table[id * W + w]!;
  }
  return rows;
}
