// Rows by number, and a transpose made of it: both are `unfold` with windows of one row.

import type { Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { Tensor } from "../tensor.ts";

/** Rows `numbers` [R] of x [P, W]: [R, W], zeros where a number is -1. */
export function gatherRows(workspace: Workspace, x: Tensor, numbers: Int32Array): Tensor {
  const windows = workspace.upload(numbers, [numbers.length, 1]);
  const rows = workspace.unfold(x, windows);
  windows[dispose]();
  return rows;
}

/** x [R, C] with its axes swapped: [C, R]. */
export function transpose(workspace: Workspace, x: Tensor): Tensor {
  const [rows = 0, columns = 0] = x.shape;
  const numbers = new Int32Array(rows * columns);
  for (let at = 0; at < columns; at += 1) {
    for (let row = 0; row < rows; row += 1) numbers[at * rows + row] = row * columns + at;
  }
  const windows = workspace.upload(numbers, [columns, rows]);
  const column = workspace.reshape(x, [rows * columns, 1]);
  const transposed = workspace.unfold(column, windows);
  column[dispose]();
  windows[dispose]();
  return transposed;
}
