import { assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { folds } from "./folds.ts";

test("folds() gives every number a part, parts that differ by one, and the same for a seed", () => {
  assert(
    property(
      integer({ min: 2, max: 60 }),
      integer({ min: 2, max: 7 }),
      integer({ min: 0, max: 99 }),
      (count, parts, seed) => {
        if (parts > count) return;
        const partOf = folds(count, parts, seed);
        const sizes = Array.from({ length: parts }, (_, part) => partOf.filter((each) => each === part).length);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(folds(count, parts, seed)).toEqual(partOf);
      },
    ),
  );
  expect(folds(50, 5, 1)).not.toEqual(folds(50, 5, 2));
});

test("folds() keeps groups together", () => {
  const partOf = folds(30, 3, 4, (number) => number % 7);
  for (let number = 7; number < 30; number += 1) expect(partOf[number]).toBe(partOf[number % 7]);
});

test("folds() refuses one part, and more parts than groups", () => {
  expect(() => folds(10, 1, 1)).toThrow("parts must be an integer from 2 to 10, it is 1");
  expect(() => folds(10, 4, 1, (number) => number % 3)).toThrow("from 2 to 3, it is 4");
});
