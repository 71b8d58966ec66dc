import { type Floats, zeros } from "./floats.ts";

interface Size {
  readonly P: number;
  readonly W: number;
}

/** (x - mean) / √(variance + epsilon) · gain + bias over each row (Ba et al. 2016). */
export function layerNorm(x: Floats, gain: Floats, bias: Floats | null, epsilon: number, { P, W }: Size): Float64Array {
  const y = zeros(P * W);
  for (let p = 0; p < P; p += 1) {
    const row = x.subarray(p * W, (p + 1) * W);
    let mean = 0;
    for (const value of row) mean += value / W;
    let variance = 0;
    for (const value of row) variance += (value - mean) ** 2 / W;
    for (let w = 0; w < W; w += 1) {
      y[p * W + w] = ((row[w]! - mean) / Math.sqrt(variance + epsilon)) * gain[w]! + (bias?.[w] ?? 0);
    }
  }
  return y;
}

/** x / √(mean of squares + epsilon) · gain over each row (Zhang and Sennrich 2019). */
export function rmsNorm(x: Floats, gain: Floats, epsilon: number, { P, W }: Size): Float64Array {
  const y = zeros(P * W);
  for (let p = 0; p < P; p += 1) {
    const row = x.subarray(p * W, (p + 1) * W);
    let meanOfSquares = 0;
    for (const value of row) meanOfSquares += value ** 2 / W;
    for (let w = 0; w < W; w += 1) y[p * W + w] = (row[w]! / Math.sqrt(meanOfSquares + epsilon)) * gain[w]!;
  }
  return y;
}
