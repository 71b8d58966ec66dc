import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accuracyOf } from "@saccade/attention-core";
import { editsOf, errorRateOf } from "./edit-distance.ts";

test("accuracyOf() counts places that agree", () => {
  expect(accuracyOf(["7", "1", "1"], ["7", "9", "1"])).toEqual({ value: 2 / 3, correct: 2, count: 3 });
  expect(accuracyOf([], [])).toEqual({ value: 0, correct: 0, count: 0 });
  expect(() => accuracyOf(["7"], [])).toThrow(/as many predicted as gold ones, 1; there are 0/);
});

const sequence = fc.array(fc.constantFrom("1", "2", "3"), { maxLength: 7 });

/** By trying every way. */
function distance(gold: readonly string[], predicted: readonly string[]): number {
  if (gold.length === 0 || predicted.length === 0) return gold.length + predicted.length;
  return Math.min(
    distance(gold.slice(1), predicted) + 1,
    distance(gold, predicted.slice(1)) + 1,
    distance(gold.slice(1), predicted.slice(1)) + (gold[0] === predicted[0] ? 0 : 1),
  );
}

describe("editsOf()", () => {
  test("are the fewest, and account for the lengths", () => {
    fc.assert(
      fc.property(sequence, sequence, (gold, predicted) => {
        const { substitutions, insertions, deletions } = editsOf(gold, predicted);
        expect(substitutions + insertions + deletions).toBe(distance(gold, predicted));
        expect(insertions - deletions).toBe(predicted.length - gold.length);
      }),
    );
  });

  test("of a sequence and itself are none", () => {
    expect(editsOf(["1", "2"], ["1", "2"])).toEqual({ substitutions: 0, insertions: 0, deletions: 0 });
  });
});

describe("errorRateOf()", () => {
  test("adds up edits and labels of all sequences", () => {
    const gold = [["1", "2", "3"], ["4"], []];
    expect(errorRateOf(gold, [["1", "3"], ["4"], ["5"]])).toEqual({
      value: 0.5,
      substitutions: 0,
      insertions: 1,
      deletions: 1,
      count: 4,
      perfect: 1,
      sequences: 3,
    });
    expect(errorRateOf([], []).value).toBe(0);
  });

  test("refuses another number of sequences", () => {
    expect(() => errorRateOf([["1"]], [])).toThrow(RangeError);
  });
});
