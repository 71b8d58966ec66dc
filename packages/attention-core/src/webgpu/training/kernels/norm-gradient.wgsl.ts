// The norms backward: a workgroup for each row makes dx and leaves mean and 1 / σ of the row; then gain and bias get their
// sums over blocks of rows. With z the normalized row and g = dy · gain: dx = (g - mean(g) - z · mean(g · z)) / σ.

import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";
import { rowThreads, totalText } from "./reduce.wgsl.ts";
import { rowsPerBlock } from "./sum-rows.wgsl.ts";

/** Which norm. */
export type Norm = "layerNorm" | "rmsNorm";

/** x, dy [P, W] and gain [W] to dx [P, W] and statistics [P, 2]. */
export function normGradientKernel(norm: Norm): Kernel {
  const centered = norm === "layerNorm";
  return {
    key: `${norm}Gradient`,
    threads: rowThreads,
    bindings: [
      { name: "x", element: "f32" },
      { name: "gain", element: "f32" },
      { name: "dy", element: "f32" },
      { name: "dx", element: "f32", writes: true },
      { name: "statistics", element: "f32", writes: true },
    ],
    parameters: [
      ["width", "u32"],
      ["epsilon", "f32"],
    ],
    declarations: totalText,
    body: `
  let first = unit * p.width;
  let width = f32(p.width);
  var sum = 0.0;
  ${
    centered
      ? `for (var w = thread; w < p.width; w += ${rowThreads}u) { sum += x[first + w]; }
  let mean = total(sum, thread) / width;`
      : "let mean = 0.0;"
  }
  sum = 0.0;
  for (var w = thread; w < p.width; w += ${rowThreads}u) { let d = x[first + w] - mean; sum += d * d; }
  let deviation = sqrt(total(sum, thread) / width + p.epsilon);
  var sumOfG = 0.0;
  var sumOfGZ = 0.0;
  for (var w = thread; w < p.width; w += ${rowThreads}u) {
    let g = dy[first + w] * gain[w];
    sumOfG += g;
    sumOfGZ += g * ((x[first + w] - mean) / deviation);
  }
  let meanOfG = ${centered ? "total(sumOfG, thread) / width" : "0.0"};
  let meanOfGZ = total(sumOfGZ, thread) / width;
  for (var w = thread; w < p.width; w += ${rowThreads}u) {
    let z = (x[first + w] - mean) / deviation;
    dx[first + w] = (dy[first + w] * gain[w] - meanOfG - z * meanOfGZ) / deviation;
  }
  if (thread == 0u) {
    statistics[2u * unit] = mean;
    statistics[2u * unit + 1u] = deviation;
  }`,
  };
}

/** Of each block of rows the sums of dy · z and of dy, side by side: y [blocks, 2 W]; `size` is blocks · W. */
export const normSumsKernel: Kernel = {
  key: "normSums",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "f32" },
    { name: "dy", element: "f32" },
    { name: "statistics", element: "f32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [
    ["size", "u32"],
    ["rows", "u32"],
    ["width", "u32"],
  ],
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let block = i / p.width;
    let column = i % p.width;
    let end = min(p.rows, (block + 1u) * ${rowsPerBlock}u);
    var ofGain = 0.0;
    var ofBias = 0.0;
    for (var row = block * ${rowsPerBlock}u; row < end; row += 1u) {
      let d = dy[row * p.width + column];
      ofGain += d * ((x[row * p.width + column] - statistics[2u * row]) / statistics[2u * row + 1u]);
      ofBias += d;
    }
    y[2u * block * p.width + column] = ofGain;
    y[(2u * block + 1u) * p.width + column] = ofBias;
  }`,
};
