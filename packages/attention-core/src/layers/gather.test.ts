import { expect, test } from "vitest";
import { createReferenceBackend } from "../reference/index.ts";
import { gatherRows, transpose } from "./gather.ts";

test("gatherRows() takes rows by number, zeros for -1", async () => {
  const workspace = createReferenceBackend().workspace();
  const x = workspace.upload(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const rows = gatherRows(workspace, x, Int32Array.of(2, -1, 0, 2));
  expect(rows.shape).toEqual([4, 2]);
  expect([...(await workspace.read(rows))]).toEqual([5, 6, 0, 0, 1, 2, 5, 6]);
});

test("transpose() swaps the axes and leaves its result alone behind", async () => {
  const backend = createReferenceBackend();
  const workspace = backend.workspace();
  const x = workspace.upload(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const transposed = transpose(workspace, x);
  expect(backend.liveTensors).toBe(2);
  expect(transposed.shape).toEqual([3, 2]);
  expect([...(await workspace.read(transposed))]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...(await workspace.read(x))]).toEqual([1, 2, 3, 4, 5, 6]);
});
