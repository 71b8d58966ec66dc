import { expect, test } from "vitest";
import { boxOf } from "./patch-boxes.ts";
import { groupPatches } from "./patch-groups.ts";

test("groupPatches() joins by sides, not by corners or around the edge", () => {
  const labels = "abbbaabba".split("");
  expect(groupPatches(labels, [3, 3])).toEqual([
    { label: "a", patches: [0] },
    { label: "b", patches: [1, 2] },
    { label: "b", patches: [3, 6, 7] },
    { label: "a", patches: [4, 5, 8] },
  ]);
  expect(groupPatches([], [0, 0])).toEqual([]);
});

test("boxOf() is in the pixels of the image, within it", () => {
  const format = { rows: 8, columns: 8 } as const;
  expect(boxOf([5, 6], [4, 4], { width: 40, height: 8 }, format)).toEqual({ left: 10, top: 2, width: 20, height: 2 });
  // Contained, 40 x 20 pixels are the middle four of eight rows; the first row of patches lies outside.
  const contained = { ...format, fit: "contain" } as const;
  expect(boxOf([0, 4], [4, 4], { width: 40, height: 20 }, contained)).toEqual({
    left: 0,
    top: 0,
    width: 10,
    height: 10,
  });
});
