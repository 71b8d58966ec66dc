import { expect, test } from "vitest";
import { accuracyOf } from "./accuracy.ts";
import { largestOf, probabilitiesOf } from "./probabilities.ts";

test("probabilitiesOf() is the softmax of a row, and all equal where a score is not finite", () => {
  const scores = Float32Array.of(9, 9, Math.log(1), Math.log(3), NaN, 1);
  expect(Array.from(probabilitiesOf(scores, 1, 2), (each) => Number(each.toFixed(6)))).toEqual([0.25, 0.75]);
  expect([...probabilitiesOf(scores, 2, 2)]).toEqual([0.5, 0.5]);
  expect([...probabilitiesOf(Float32Array.of(1000, -1000), 0, 2)]).toEqual([1, 0]);
});

test("largestOf() is the place of the largest, the first of equals, of all or of a stretch", () => {
  expect(largestOf([1, 3, 3, 2])).toBe(1);
  expect(largestOf([9, 1, 3, 3, 10], 1, 3)).toBe(1);
});

test("accuracyOf() counts equal labels, and refuses lists of different lengths", () => {
  expect(accuracyOf([1, 2, 3, 4], [1, 0, 3, 4])).toEqual({ value: 0.75, correct: 3, count: 4 });
  expect(accuracyOf([], []).value).toBe(0);
  expect(() => accuracyOf(["a"], [])).toThrow("Cannot compare labels");
});
