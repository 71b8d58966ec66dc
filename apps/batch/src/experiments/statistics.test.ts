import { expect, test } from "vitest";
import { differs, percentSpread, spreadOf } from "./statistics.ts";

test("spreadOf() has the standard deviation of n - 1 degrees of freedom, 0 for one run", () => {
  expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, deviation: 1, count: 3 });
  expect(spreadOf([5])).toEqual({ mean: 5, deviation: 0, count: 1 });
});

test("differs() asks for three runs each and for twice the standard error of the difference", () => {
  const spread = (mean: number, deviation: number, count = 4): ReturnType<typeof spreadOf> => ({
    mean,
    deviation,
    count,
  });
  expect(differs(spread(0, 1), spread(1, 1))).toBe(false);
  expect(differs(spread(0, 1), spread(2, 1))).toBe(true);
  expect(differs(spread(0, 0, 2), spread(2, 0, 2))).toBe(false);
});

test("percentSpread() leaves the deviation of a single run out", () => {
  expect(percentSpread({ mean: 0.9493, deviation: 0.0006, count: 3 })).toBe("94.93 ± 0.06");
  expect(percentSpread({ mean: 0.9493, deviation: 0, count: 1 })).toBe("94.93");
});
