// act(x · weight + bias): tiles of 64 rows by 64 columns, whose operands pass through the workgroup's memory 16 deep; each of
// 256 threads sums four rows by four columns in registers.

import type { Activation } from "../../backend.ts";
import type { Kernel } from "../kernel.ts";
import { activationText } from "./functions.wgsl.ts";

/** Rows and columns of a unit. */
export const tileRows = 64;
export const tileColumns = 64;
const depth = 16;

/** x [P, I] · weight [I, O] (+ bias [O]): units row by row of the result's tiles. */
export function linearKernel(biased: boolean, activation: Activation | null): Kernel {
  return {
    key: `linear ${biased ? "bias " : ""}${activation ?? ""}`,
    threads: 256,
    bindings: [
      { name: "x", element: "f32" },
      { name: "weight", element: "f32" },
      ...(biased ? [{ name: "bias", element: "f32" } as const] : []),
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["rows", "u32"],
      ["inputs", "u32"],
      ["outputs", "u32"],
      ["across", "u32"],
    ],
    declarations: `
${activationText(activation)}
var<workgroup> a: array<f32, ${tileRows * depth}>;
var<workgroup> b: array<f32, ${tileColumns * depth}>;`,
    body: `
  let firstRow = (unit / p.across) * ${tileRows}u;
  let firstColumn = (unit % p.across) * ${tileColumns}u;
  let row = (thread / 16u) * 4u;
  let column = (thread % 16u) * 4u;
  var sums: array<vec4<f32>, 4>;
  for (var k = 0u; k < p.inputs; k += ${depth}u) {
    for (var i = thread; i < ${tileRows * depth}u; i += 256u) {
      let r = firstRow + i / ${depth}u;
      let c = k + i % ${depth}u;
      var value = 0.0;
      if (r < p.rows && c < p.inputs) { value = x[r * p.inputs + c]; }
      a[(i % ${depth}u) * ${tileRows}u + i / ${depth}u] = value;
    }
    for (var i = thread; i < ${tileColumns * depth}u; i += 256u) {
      let r = k + i / ${tileColumns}u;
      let c = firstColumn + i % ${tileColumns}u;
      var value = 0.0;
      if (r < p.inputs && c < p.outputs) { value = weight[r * p.outputs + c]; }
      b[i] = value;
    }
    workgroupBarrier();
    for (var d = 0u; d < ${depth}u; d += 1u) {
      let at = d * ${tileColumns}u + column;
      let right = vec4<f32>(b[at], b[at + 1u], b[at + 2u], b[at + 3u]);
      let left = d * ${tileRows}u + row;
      sums[0] = fma(vec4<f32>(a[left]), right, sums[0]);
      sums[1] = fma(vec4<f32>(a[left + 1u]), right, sums[1]);
      sums[2] = fma(vec4<f32>(a[left + 2u]), right, sums[2]);
      sums[3] = fma(vec4<f32>(a[left + 3u]), right, sums[3]);
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i += 1u) {
    let r = firstRow + row + i;
    for (var j = 0u; j < 4u; j += 1u) {
      let c = firstColumn + column + j;
      if (r < p.rows && c < p.outputs) { y[r * p.outputs + c] = act(sums[i][j]${biased ? " + bias[c]" : ""}); }
    }
  }`,
  };
}
