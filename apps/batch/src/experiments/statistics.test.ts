import { expect, test } from "vitest";
import { differs, percentSpread, spreadOf } from "./statistics.ts";

test("spreadOf() has the standard deviation of n - 1 degrees of freedom, 0 for one run", () => {
  expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, deviation: 1, count: 3 });
  expect(spreadOf([5])).toEqual({ mean: 5, deviation: 0, count: 1 });
});

test("differs() is Welch's t-test at five percent, and knows nothing of fewer than three runs", () => {
  const of = (mean: number, deviation: number, count = 3): ReturnType<typeof spreadOf> => ({ mean, deviation, count });
  // t = 2.1 with 2 degrees of freedom, where 4.3 is asked for.
  expect(differs(of(93.29, 0.32), of(93.71, 0.1))).toBe(false);
  // t = 5.4 with 2.
  expect(differs(of(93.69, 0.1), of(92.88, 0.24))).toBe(true);
  expect(differs(of(0, 0, 2), of(2, 0, 2))).toBe(false);
  expect([differs(of(0, 0), of(2, 0)), differs(of(2, 0), of(2, 0))]).toEqual([true, false]);
});

test("percentSpread() leaves the deviation of a single run out", () => {
  expect(percentSpread({ mean: 0.9493, deviation: 0.0006, count: 3 })).toBe("94.93 ± 0.06");
  expect(percentSpread({ mean: 0.9493, deviation: 0, count: 1 })).toBe("94.93");
});
