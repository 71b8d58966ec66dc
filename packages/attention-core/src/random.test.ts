import { expect, test } from "vitest";
import { randomStream } from "./random.ts";

test("randomStream() continues from a state as xoshiro128++ does", () => {
  const random = randomStream(Uint32Array.of(1, 2, 3, 4));
  // The first outputs of the authors' C code for this state.
  expect(Array.from({ length: 5 }, () => random.bits())).toEqual([641, 1573767, 3222811527, 3517856514, 836907274]);
});

test("randomStream() fills its state by SplitMix64", () => {
  // The first two outputs of SplitMix64 for seed 0 are e220a8397b1dcdaf and 6e789e6aa1b965f4.
  expect([...randomStream(0).state()]).toEqual([0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a]);
});

test("randomStream() gives the same numbers again from a stored state", () => {
  const random = randomStream(7);
  for (let i = 0; i < 10; i += 1) random.bits();
  const again = randomStream(random.state());
  expect(Array.from({ length: 5 }, () => again.uniform())).toEqual(Array.from({ length: 5 }, () => random.uniform()));
});

test("randomStream() gives other numbers for another seed or name", () => {
  const firsts = [randomStream(1), randomStream(2), randomStream(1, "a"), randomStream(1, "b"), randomStream(-1)];
  expect(new Set(firsts.map((random) => random.bits())).size).toBe(firsts.length);
});

test("uniform() is in [0, 1) with the mean and variance of an even spread", () => {
  const random = randomStream(3);
  const values = Array.from({ length: 20_000 }, () => random.uniform());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(mean).toBeCloseTo(0.5, 2);
  expect(variance).toBeCloseTo(1 / 12, 2);
});

test("randomStream() refuses seeds and states that are none", () => {
  expect(() => randomStream(1.5)).toThrow(RangeError);
  expect(() => randomStream(Number.NaN)).toThrow(RangeError);
  expect(() => randomStream(2 ** 53)).toThrow(RangeError);
  expect(() => randomStream(new Uint32Array(4))).toThrow("not all zero");
  expect(() => randomStream(Uint32Array.of(1, 2))).toThrow(RangeError);
});
