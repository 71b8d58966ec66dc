// Rows picked out, put side by side, and brought down to one.

import { offsetsOf } from "@saccade/attention-core";
import type { BackendCase } from "../backend-case.ts";
import { denseGather, densePool } from "../dense/rows.ts";
import { rowCase } from "./row-case.ts";

/** The cases of this file. */
export function gatherCases(): BackendCase[] {
  return [...pickCases(), ...poolCases()];
}

function poolCases(): BackendCase[] {
  return (["mean", "max", "first", "sum"] as const).flatMap((how) =>
    [1, 3, 4, 17, 64].map((width) =>
      rowCase("rows: pool", `${how}, width ${width}`, async ({ workspace, check, random }) => {
        const offsets = offsetsOf([3, 0, 1, 40, 0, 2]);
        // All negative, so that a maximum that starts from zero shows.
        const x = random.normals(46 * width).map((value) => value - 8);
        const y = workspace.pool(workspace.upload(x, [46, width]), offsets, how);
        check.shape("pool", y.shape, [6, width]);
        check.close("pool", await workspace.read(y), densePool(x, width, offsets, how));
      }),
    ),
  );
}

function pickCases(): BackendCase[] {
  return [1, 3, 4, 7, 16, 65].flatMap((width) => [
    rowCase("rows: embed", `ids [P], width ${width}`, async ({ workspace, check, random }) => {
      const table = random.normals(11 * width);
      const ids = Int32Array.of(0, 10, 3, 3, -1, 11, 2147483647, -2147483648, 5);
      const y = workspace.embed(workspace.upload(table, [11, width]), workspace.upload(ids, [9]));
      check.shape("embed", y.shape, [9, width]);
      check.same("embed", await workspace.read(y), denseGather(table, width, ids));
    }),
    rowCase("rows: embed", `ids [P, T], width ${width}`, async ({ workspace, check, random }) => {
      const table = random.normals(11 * width);
      const ids = Int32Array.of(0, 10, -1, 3, 3, 3, 7, 11, 2, 1, 0, 9);
      const y = workspace.embed(workspace.upload(table, [11, width]), workspace.upload(ids, [4, 3]));
      check.shape("embed", y.shape, [4, 3 * width]);
      check.same("embed", await workspace.read(y), denseGather(table, width, ids));
    }),
    rowCase("rows: unfold", `3 rows side by side, width ${width}`, async ({ workspace, check, random }) => {
      const x = random.normals(5 * width);
      const windows = Int32Array.of(-1, 0, 1, 0, 1, 2, 2, 3, 4, 4, -1, -1, -1, -1, -1, 1, 1, 0);
      const y = workspace.unfold(workspace.upload(x, [5, width]), workspace.upload(windows, [6, 3]));
      check.shape("unfold", y.shape, [6, 3 * width]);
      check.same("unfold", await workspace.read(y), denseGather(x, width, windows));
    }),
  ]);
}
