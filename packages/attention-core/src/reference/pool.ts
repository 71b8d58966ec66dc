import type { Pooling } from "../backend.ts";
import { type Floats, zeros } from "./floats.ts";

/** One row per set: x [P, W], offsets [N + 1]; returns [N, W], zeros for an empty set. */
export function pool(
  x: Floats,
  offsets: Int32Array,
  how: Pooling,
  { N, W }: { readonly N: number; readonly W: number },
): Float64Array {
  const pooled = zeros(N * W);
  for (let n = 0; n < N; n += 1) {
    const first = offsets[n]!;
    const end = how === "first" ? Math.min(first + 1, offsets[n + 1]!) : offsets[n + 1]!;
    for (let w = 0; w < W; w += 1) {
      let result = how === "max" && first < end ? -Infinity : 0;
      for (let row = first; row < end; row += 1) {
        const value = x[row * W + w]!;
        result = how === "max" ? Math.max(result, value) : result + value;
      }
      pooled[n * W + w] = how === "mean" && first < end ? result / (end - first) : result;
    }
  }
  return pooled;
}
