import type { Pooling } from "../../backend.ts";
import { type Floats, zeros } from "../floats.ts";

/** Of x [P, W], dy being [N, W]: to all rows of a set, or to the one that the pooled value came from. */
export function poolGradient(
  x: Floats,
  offsets: Int32Array,
  how: Pooling,
  dy: Floats,
  { N, P, W }: { readonly N: number; readonly P: number; readonly W: number },
): Float64Array {
  const dx = zeros(P * W);
  for (let n = 0; n < N; n += 1) {
    const [first, end] = [offsets[n]!, offsets[n + 1]!];
    for (let w = 0; w < W && first < end; w += 1) {
      const d = dy[n * W + w]!;
      if (how === "first") dx[first * W + w] = d;
      else if (how === "max") dx[largestRow(x, first, end, w, W) * W + w] = d;
      else for (let row = first; row < end; row += 1) dx[row * W + w] = how === "mean" ? d / (end - first) : d;
    }
  }
  return dx;
}

/** The first row whose value in column w is the largest; a NaN is larger than any number. */
function largestRow(x: Floats, first: number, end: number, w: number, W: number): number {
  let largest = first;
  for (let row = first; row < end && !Number.isNaN(x[largest * W + w]); row += 1) {
    const value = x[row * W + w]!;
    if (value > x[largest * W + w]! || Number.isNaN(value)) largest = row;
  }
  return largest;
}
