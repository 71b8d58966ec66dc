import fc from "fast-check";
import { expect, test } from "vitest";
import { halvesOf, mayBeHalves } from "./halves.ts";

/** The number that the bits of a float16 stand for (IEEE 754, section 3.4). */
function numberOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = (half & 0x3ff) / 1024;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** The bits of every float16 that is 0 or normal. */
const halves = Array.from({ length: 2 ** 16 }, (_, half) => half).filter((half) => {
  const exponent = (half >> 10) & 0x1f;
  return (exponent > 0 && exponent < 31) || (half & 0x7fff) === 0;
});

test("halvesOf() packs every number that is 0 or normal in float16, the first of a pair in the low bits", () => {
  const words = halvesOf(Float32Array.from(halves, numberOf))!;
  expect(Array.from(words, (word) => [word & 0xffff, word >>> 16]).flat()).toEqual(halves);
});

test.each([0.1, 65_520, 65_536, 2 ** -15, 2 ** -24, 1 + 2 ** -11, Number.NaN, Infinity, -Infinity, 2 ** -149])(
  "halvesOf() refuses %d, which it does not hold",
  (value) => {
    expect(halvesOf(Float32Array.of(1, value))).toBeNull();
  },
);

test("halvesOf() takes numbers exactly when float16 holds all of them", () => {
  const known = new Set(halves.map(numberOf));
  const number = fc.oneof(fc.constantFrom(...known), fc.float());
  fc.assert(
    fc.property(fc.array(number, { minLength: 2, maxLength: 4 }), (values) => {
      expect(halvesOf(Float32Array.from(values)) !== null).toBe(values.every((value) => known.has(value)));
    }),
  );
});

test("mayBeHalves() takes matrices whose rows are read four numbers at a time", () => {
  expect([[3, 4], [3, 6], [12], [1, 3, 4], [0, 4]].map((shape) => mayBeHalves(shape))).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
});
