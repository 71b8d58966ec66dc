import { describe, expect, test } from "vitest";
import { explainChoice, largestDifference } from "./backends.ts";

describe("largestDifference()", () => {
  const of = (...values: number[]): Float32Array[] => [Float32Array.from(values)];
  test("is that of the worst pair", () => expect(largestDifference(of(1, 2, 3), of(1, 2.5, 3.25))).toBe(0.5));
  test("takes equal infinities and NaN for equal", () =>
    expect(largestDifference(of(Infinity, NaN), of(Infinity, NaN))).toBe(0));
  test("is infinite where one alone is not finite", () => {
    expect(largestDifference(of(1, NaN), of(1, 2))).toBe(Infinity);
    expect(largestDifference(of(1), of(Infinity))).toBe(Infinity);
  });
  test("is infinite where there are not as many", () => {
    expect(largestDifference(of(1), of(1, 2))).toBe(Infinity);
    expect(largestDifference([], of(1))).toBe(Infinity);
  });
});

describe("explainChoice()", () => {
  test("says what the engine lacks", () => {
    expect(explainChoice({ binary: "simd", threads: 1, reason: "no-shared-memory" })).toEqual([
      "plain SIMD: this engine has no relaxed SIMD",
      "one thread: no-shared-memory",
    ]);
  });
  test("says where threads come from", () => {
    expect(explainChoice({ binary: "relaxed-shared", threads: 2, reason: null })[1]).toBe(
      "2 threads over shared memory: one per core, at most eight",
    );
    expect(explainChoice({ binary: "relaxed", threads: 1, reason: null })[1]).toBe(
      "one thread: this machine has one core",
    );
  });
});
