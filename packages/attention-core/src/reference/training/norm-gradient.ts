import { type Floats, zeros } from "../floats.ts";

interface Size {
  readonly P: number;
  readonly W: number;
}

/**
 * With z the normalized row, σ what it was divided by and g = dy · gain: dx = (g - mean(g) - z · mean(g · z)) / σ. The
 * gradient of gain is the sum of dy · z over rows, that of bias the sum of dy.
 */
export function layerNormGradient(
  x: Floats,
  gain: Floats,
  epsilon: number,
  dy: Floats,
  { P, W }: Size,
): { readonly x: Float64Array; readonly gain: Float64Array; readonly bias: Float64Array } {
  const gradients = { x: zeros(P * W), gain: zeros(W), bias: zeros(W) };
  for (let p = 0; p < P; p += 1) {
    const row = x.subarray(p * W, (p + 1) * W);
    let mean = 0;
    for (const value of row) mean += value / W;
    let variance = 0;
    for (const value of row) variance += (value - mean) ** 2 / W;
    const deviation = Math.sqrt(variance + epsilon);
    let meanOfG = 0;
    let meanOfGZ = 0;
    for (let w = 0; w < W; w += 1) {
      const z = (row[w]! - mean) / deviation;
      const d = dy[p * W + w]!;
      meanOfG += (d * gain[w]!) / W;
      meanOfGZ += (d * gain[w]! * z) / W;
      gradients.gain[w]! += d * z;
      gradients.bias[w]! += d;
    }
    for (let w = 0; w < W; w += 1) {
      const z = (row[w]! - mean) / deviation;
      gradients.x[p * W + w] = (dy[p * W + w]! * gain[w]! - meanOfG - z * meanOfGZ) / deviation;
    }
  }
  return gradients;
}

/** As `layerNormGradient`, without the mean: dx = (g - z · mean(g · z)) / σ. */
export function rmsNormGradient(
  x: Floats,
  gain: Floats,
  epsilon: number,
  dy: Floats,
  { P, W }: Size,
): { readonly x: Float64Array; readonly gain: Float64Array } {
  const gradients = { x: zeros(P * W), gain: zeros(W) };
  for (let p = 0; p < P; p += 1) {
    const row = x.subarray(p * W, (p + 1) * W);
    let meanOfSquares = 0;
    for (const value of row) meanOfSquares += value ** 2 / W;
    const deviation = Math.sqrt(meanOfSquares + epsilon);
    let meanOfGZ = 0;
    for (let w = 0; w < W; w += 1) {
      const z = row[w]! / deviation;
      meanOfGZ += (dy[p * W + w]! * gain[w]! * z) / W;
      gradients.gain[w]! += dy[p * W + w]! * z;
    }
    for (let w = 0; w < W; w += 1) {
      gradients.x[p * W + w] = (dy[p * W + w]! * gain[w]! - (row[w]! / deviation) * meanOfGZ) / deviation;
    }
  }
  return gradients;
}
