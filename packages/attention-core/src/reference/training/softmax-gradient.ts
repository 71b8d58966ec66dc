import { type Floats, zeros } from "../floats.ts";
import { exp } from "../functions.ts";

/** From the result y: y · (dy - Σ y · dy) over each row, and dy - exp(y) · Σ dy where y is the logarithm. */
export function softmaxGradient(
  y: Floats,
  dy: Floats,
  logarithm: boolean,
  { P, W }: { readonly P: number; readonly W: number },
): Float64Array {
  const dx = zeros(P * W);
  for (let first = 0; first < P * W; first += W) {
    let sum = 0;
    for (let i = first; i < first + W; i += 1) sum += logarithm ? dy[i]! : y[i]! * dy[i]!;
    for (let i = first; i < first + W; i += 1) {
      dx[i] = logarithm ? dy[i]! - exp(y[i]!) * sum : y[i]! * (dy[i]! - sum);
    }
  }
  return dx;
}
