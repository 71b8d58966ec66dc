// Softmax backward from its result, a workgroup for each row: y · (dy - Σ y · dy), and dy - exp(y) · Σ dy for the logarithm.

import type { Kernel } from "../../kernel.ts";
import { rowThreads, totalText } from "./reduce.wgsl.ts";

/** y and dy [P, W] to dx. */
export function softmaxGradientKernel(logarithm: boolean): Kernel {
  return {
    key: logarithm ? "log softmaxGradient" : "softmaxGradient",
    threads: rowThreads,
    bindings: [
      { name: "y", element: "f32" },
      { name: "dy", element: "f32" },
      { name: "dx", element: "f32", writes: true },
    ],
    parameters: [["width", "u32"]],
    declarations: totalText,
    body: `
  let first = unit * p.width;
  var sum = 0.0;
  for (var w = thread; w < p.width; w += ${rowThreads}u) {
    sum += ${logarithm ? "dy[first + w]" : "y[first + w] * dy[first + w]"};
  }
  let all = total(sum, thread);
  for (var w = thread; w < p.width; w += ${rowThreads}u) {
    let i = first + w;
    dx[i] = ${logarithm ? "dy[i] - exp(max(y[i], -100.0)) * all" : "y[i] * (dy[i] - all)"};
  }`,
  };
}
