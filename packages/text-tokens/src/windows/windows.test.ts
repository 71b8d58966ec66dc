import { assert, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { windowsOf } from "./windows.ts";

describe("windowsOf()", () => {
  test("leaves a set whole that is not too long", () => {
    expect(windowsOf(0, { longest: 4, overlap: 2 })).toEqual([{ start: 0, end: 0, from: 0, to: 0 }]);
    expect(windowsOf(4, { longest: 4, overlap: 2 })).toEqual([{ start: 0, end: 4, from: 0, to: 4 }]);
  });

  test("answers for each position once, with half the overlap to either side", () => {
    assert(
      property(
        integer({ min: 0, max: 3000 }),
        integer({ min: 1, max: 200 }),
        integer({ min: 0, max: 199 }),
        (length, longest, wanted) => {
          const overlap = Math.min(wanted, longest - 1);
          const windows = windowsOf(length, { longest, overlap });
          let at = 0;
          windows.forEach(({ start, end, from, to }, i) => {
            expect(from).toBe(at);
            expect(end - start).toBe(Math.min(length, longest));
            const before = start > 0 ? from - start : Infinity;
            const after = end < length ? end - to : Infinity;
            const shared = i > 0 ? windows[i - 1]!.end - start : Infinity;
            expect(Math.min(before, after)).toBeGreaterThanOrEqual(Math.floor(overlap / 2));
            expect(shared).toBeGreaterThanOrEqual(overlap);
            at = to;
          });
          expect(at).toBe(length);
        },
      ),
    );
  });

  test.each([
    [0, 0],
    [4, 4],
    [4, -1],
    [1.5, 0],
    [Number.NaN, 0],
  ])("refuses longest %j with overlap %j", (longest, overlap) => {
    expect(() => windowsOf(10, { longest, overlap })).toThrow(RangeError);
  });
});
