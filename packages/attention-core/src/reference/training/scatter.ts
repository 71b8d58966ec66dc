import { type Floats, zeros } from "../floats.ts";

/**
 * Backward of `embed` and `unfold`, which gather rows: part i of dy, W values, is added to row `ids[i]` of [rows, W]. An
 * id outside 0 .. rows - 1 adds to nothing.
 */
export function addRows(dy: Floats, ids: Int32Array, rows: number, W: number): Float64Array {
  const sums = zeros(rows * W);
  ids.forEach((id, i) => {
    if (id < 0 || id >= rows) return;
    for (let w = 0; w < W; w += 1) sums[id * W + w]! += dy[i * W + w]!;
  });
  return sums;
}
