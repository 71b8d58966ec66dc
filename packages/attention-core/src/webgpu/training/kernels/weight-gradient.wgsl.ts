// xᵀ · dy: tiles of 64 by 64 of the result, whose operands lie as rows already; a unit sums one block of the batch's rows in
// their order, and each of 256 threads four by four sums in registers.

import type { Kernel } from "../../kernel.ts";

/** Rows and columns of a unit's tile. */
export const weightTile = 64;
const depth = 16;

/** x [rows, inputs], dy [rows, outputs] to y [blocks, inputs, outputs]; `tiles` of them, `across` beside each other. */
export const weightGradientKernel: Kernel = {
  key: "weightGradient",
  threads: 256,
  bindings: [
    { name: "x", element: "f32" },
    { name: "dy", element: "f32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [
    ["rows", "u32"],
    ["inputs", "u32"],
    ["outputs", "u32"],
    ["across", "u32"],
    ["tiles", "u32"],
    ["rowsPerBlock", "u32"],
  ],
  declarations: `
var<workgroup> a: array<vec4<f32>, ${(weightTile * depth) / 4}>;
var<workgroup> b: array<vec4<f32>, ${(weightTile * depth) / 4}>;
fn fourOf(column: u32, columns: u32, row: u32, end: u32, isLeft: bool) -> vec4<f32> {
  var values = vec4<f32>();
  if (row < end) {
    for (var i = 0u; i < 4u; i += 1u) {
      if (column + i < columns) {
        if (isLeft) { values[i] = x[row * columns + column + i]; } else { values[i] = dy[row * columns + column + i]; }
      }
    }
  }
  return values;
}`,
  body: `
  let block = unit / p.tiles;
  let firstRow = ((unit % p.tiles) / p.across) * ${weightTile}u;
  let firstColumn = ((unit % p.tiles) % p.across) * ${weightTile}u;
  let first = block * p.rowsPerBlock;
  let end = min(p.rows, first + p.rowsPerBlock);
  let left = thread / 16u;
  let right = thread % 16u;
  var sums: array<vec4<f32>, 4>;
  for (var row = first; row < end; row += ${depth}u) {
    a[thread] = fourOf(firstRow + right * 4u, p.inputs, row + left, end, true);
    b[thread] = fourOf(firstColumn + right * 4u, p.outputs, row + left, end, false);
    workgroupBarrier();
    for (var d = 0u; d < ${depth}u; d += 1u) {
      let l = a[d * 16u + left];
      let r = b[d * 16u + right];
      sums[0] = fma(vec4<f32>(l.x), r, sums[0]);
      sums[1] = fma(vec4<f32>(l.y), r, sums[1]);
      sums[2] = fma(vec4<f32>(l.z), r, sums[2]);
      sums[3] = fma(vec4<f32>(l.w), r, sums[3]);
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i += 1u) {
    let input = firstRow + left * 4u + i;
    for (var j = 0u; j < 4u; j += 1u) {
      let output = firstColumn + right * 4u + j;
      if (input < p.inputs && output < p.outputs) {
        y[(block * p.inputs + input) * p.outputs + output] = sums[i][j];
      }
    }
  }`,
};
