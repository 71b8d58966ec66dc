import { describe, expect, it } from "vitest";
import { accuracyOf, rootMeanSquaredErrorOf } from "../index.ts";

describe("accuracyOf()", () => {
  it("counts what is right", () => {
    expect(accuracyOf(["a", "b", "a"], ["a", "a", "a"])).toEqual({ value: 2 / 3, correct: 2, count: 3 });
    expect(accuracyOf([], [])).toEqual({ value: 0, correct: 0, count: 0 });
  });

  it("refuses lists of different lengths", () => {
    expect(() => accuracyOf(["a"], [])).toThrow(
      "Cannot compare labels: there must be as many predicted as gold ones, 1",
    );
  });
});

describe("rootMeanSquaredErrorOf()", () => {
  it("is the root of the mean of squares", () => {
    expect(rootMeanSquaredErrorOf([1, 2], [4, -2])).toEqual({ value: Math.sqrt(12.5), count: 2 });
    expect(rootMeanSquaredErrorOf([], [])).toEqual({ value: 0, count: 0 });
  });

  it("refuses lists of different lengths", () => {
    expect(() => rootMeanSquaredErrorOf([], [1])).toThrow("Cannot compare numbers");
  });
});
