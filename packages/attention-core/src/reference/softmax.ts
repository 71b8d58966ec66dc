import { type Floats, zeros } from "./floats.ts";
import { exp, log } from "./functions.ts";

/** Softmax of each row of x [P, W], or its logarithm; NaN for a row of nothing but -Infinity. */
export function softmax(
  x: Floats,
  logarithm: boolean,
  { P, W }: { readonly P: number; readonly W: number },
): Float64Array {
  const y = zeros(P * W);
  for (let p = 0; p < P; p += 1) {
    const row = x.subarray(p * W, (p + 1) * W);
    let largest = -Infinity;
    for (const value of row) largest = Math.max(largest, value);
    let sum = 0;
    for (const value of row) sum += exp(value - largest);
    for (let w = 0; w < W; w += 1) {
      const shifted = row[w]! - largest;
      y[p * W + w] = logarithm ? shifted - log(sum) : exp(shifted) / sum;
    }
  }
  return y;
}
