// x [rows, columns] to [columns, rows], tiles of 16 by 16 through the workgroup's memory, so that both sides go in rows.

import type { Kernel } from "../../kernel.ts";

/** Rows and columns of a unit. */
export const transposeTile = 16;

/** `across` is the number of tiles beside each other. */
export const transposeKernel: Kernel = {
  key: "transpose",
  threads: transposeTile * transposeTile,
  bindings: [
    { name: "x", element: "f32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [
    ["rows", "u32"],
    ["columns", "u32"],
    ["across", "u32"],
  ],
  // A column more than the tile has keeps its columns in different banks.
  declarations: `var<workgroup> tile: array<f32, ${transposeTile * (transposeTile + 1)}>;`,
  body: `
  let row = (unit / p.across) * ${transposeTile}u;
  let column = (unit % p.across) * ${transposeTile}u;
  let slow = thread / ${transposeTile}u;
  let quick = thread % ${transposeTile}u;
  if (row + slow < p.rows && column + quick < p.columns) {
    tile[slow * ${transposeTile + 1}u + quick] = x[(row + slow) * p.columns + column + quick];
  }
  workgroupBarrier();
  if (column + slow < p.columns && row + quick < p.rows) {
    y[(column + slow) * p.rows + row + quick] = tile[quick * ${transposeTile + 1}u + slow];
  }`,
};
