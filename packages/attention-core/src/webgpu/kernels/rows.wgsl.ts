// Operations on whole rows: a workgroup for each row, whose threads add up strides of it and then halves of what they have.

import type { Kernel } from "../kernel.ts";
import type { Variants } from "../variants.ts";
import { reduction } from "./reduce.wgsl.ts";

const threads = 64;

/** (x - mean) / √(variance + epsilon) · gain + bias. */
export function layerNormKernel(biased: boolean, variants: Variants): Kernel {
  return {
    key: biased ? "layerNorm" : "layerNorm without bias",
    threads,
    subgroups: variants.subgroups,
    bindings: [
      { name: "x", element: "f32" },
      { name: "gain", element: "f32" },
      ...(biased ? [{ name: "bias", element: "f32" } as const] : []),
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["width", "u32"],
      ["epsilon", "f32"],
    ],
    declarations: reduction("total", threads, variants),
    body: `
  let first = unit * p.width;
  var sum = 0.0;
  for (var w = thread; w < p.width; w += ${threads}u) { sum += x[first + w]; }
  let mean = total(sum, thread) / f32(p.width);
  sum = 0.0;
  for (var w = thread; w < p.width; w += ${threads}u) { let d = x[first + w] - mean; sum += d * d; }
  let deviation = sqrt(total(sum, thread) / f32(p.width) + p.epsilon);
  for (var w = thread; w < p.width; w += ${threads}u) {
    y[first + w] = (x[first + w] - mean) / deviation * gain[w]${biased ? " + bias[w]" : ""};
  }`,
  };
}

/** x / √(mean of squares + epsilon) · gain. */
export function rmsNormKernel(variants: Variants): Kernel {
  return {
    key: "rmsNorm",
    threads,
    subgroups: variants.subgroups,
    bindings: [
      { name: "x", element: "f32" },
      { name: "gain", element: "f32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["width", "u32"],
      ["epsilon", "f32"],
    ],
    declarations: reduction("total", threads, variants),
    body: `
  let first = unit * p.width;
  var sum = 0.0;
  for (var w = thread; w < p.width; w += ${threads}u) { let value = x[first + w]; sum += value * value; }
  let root = sqrt(total(sum, thread) / f32(p.width) + p.epsilon);
  for (var w = thread; w < p.width; w += ${threads}u) { y[first + w] = x[first + w] / root * gain[w]; }`,
  };
}

/** Softmax of each row or its logarithm. A row of nothing but -Infinity is NaN, which comes in by a parameter. */
export function softmaxKernel(logarithm: boolean, variants: Variants): Kernel {
  return {
    key: logarithm ? "log softmax" : "softmax",
    threads,
    subgroups: variants.subgroups,
    bindings: [
      { name: "x", element: "u32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["width", "u32"],
      ["notNumber", "f32"],
    ],
    declarations: `${reduction("total", threads, variants)}
${reduction("largest", threads, variants)}
fn valueAt(i: u32) -> f32 { return bitcast<f32>(x[i]); }
fn isLowest(i: u32) -> bool { return x[i] == 0xff800000u; }
var<workgroup> finite: atomic<u32>;`,
    body: `
  let first = unit * p.width;
  if (thread == 0u) { atomicStore(&finite, 0u); }
  workgroupBarrier();
  var most = -3.4e38;
  for (var w = thread; w < p.width; w += ${threads}u) {
    if (!isLowest(first + w)) { most = max(most, valueAt(first + w)); atomicStore(&finite, 1u); }
  }
  let top = largest(most, thread);
  let known = atomicLoad(&finite) != 0u;
  var sum = 0.0;
  for (var w = thread; w < p.width; w += ${threads}u) {
    if (!isLowest(first + w)) { sum += exp(valueAt(first + w) - top); }
  }
  let all = total(sum, thread);
  for (var w = thread; w < p.width; w += ${threads}u) {
    if (!known) { y[first + w] = p.notNumber; }
    ${
      logarithm
        ? "else { y[first + w] = valueAt(first + w) - top - log(all); }"
        : "else if (isLowest(first + w)) { y[first + w] = 0.0; } else { y[first + w] = exp(valueAt(first + w) - top) / all; }"
    }
  }`,
  };
}
