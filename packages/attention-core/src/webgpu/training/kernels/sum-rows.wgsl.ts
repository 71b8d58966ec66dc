// Sums over rows in a fixed order: of a block of rows each thread adds up a column; blocks are then rows themselves.

import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";

/** Rows of a block. */
export const rowsPerBlock = 64;

/** x [rows, width] to y [blocks, width]; `size` is that of y. */
export const sumRowsKernel: Kernel = {
  key: "sumRows",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "f32" },
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
    let first = (i / p.width) * ${rowsPerBlock}u;
    let end = min(p.rows, first + ${rowsPerBlock}u);
    var sum = 0.0;
    for (var row = first; row < end; row += 1u) { sum += x[row * p.width + i % p.width]; }
    y[i] = sum;
  }`,
};
