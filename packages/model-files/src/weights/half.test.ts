import fc from "fast-check";
import { expect, test } from "vitest";
import { floatBitsToHalf, halfToFloatBits } from "./half.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of a half by the definition of the format. */
function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function toFloat(half: number): number {
  bits[0] = halfToFloatBits(half);
  return float[0]!;
}

function toHalf(value: number): number {
  float[0] = value;
  return floatBitsToHalf(bits[0]!);
}

test("halfToFloatBits() gives the value of all 65,536 halves, and floatBitsToHalf() every one of them back", () => {
  const wrong: number[] = [];
  for (let half = 0; half < 65_536; half += 1) {
    const widened = halfToFloatBits(half);
    if (!Object.is(toFloat(half), halfValue(half)) || floatBitsToHalf(widened) !== half) wrong.push(half);
  }
  expect(wrong).toEqual([]);
});

test("floatBitsToHalf() takes the middle of two neighbours to the even one, and what is beside it to the nearer", () => {
  const wrong: number[] = [];
  for (let half = 0; half < 0x7bff; half += 1) {
    const middle = (halfValue(half) + halfValue(half + 1)) / 2; // exact in float32
    float[0] = middle;
    const at = bits[0]!;
    const even = half % 2 === 0 ? half : half + 1;
    const found = [floatBitsToHalf(at - 1), floatBitsToHalf(at), floatBitsToHalf(at + 1), toHalf(-middle)];
    if (found.join() !== [half, even, half + 1, even | 0x8000].join()) wrong.push(half);
  }
  expect(wrong).toEqual([]);
});

test("floatBitsToHalf() overflows from 65,520 on", () => {
  expect(toHalf(65_519.996)).toBe(0x7bff);
  expect(toHalf(65_520)).toBe(0x7c00);
  expect(toHalf(-Infinity)).toBe(0xfc00);
  expect(toHalf(3.4e38)).toBe(0x7c00);
});

test("floatBitsToHalf() gives a half that no other is nearer than", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: -65_504, max: 65_504 }), (value) => {
      const half = toHalf(value);
      const distance = Math.abs(halfValue(half) - value);
      for (const other of [half - 1, half + 1]) {
        const elsewhere = Math.abs(halfValue(other & 0xffff) - value);
        expect(Number.isNaN(elsewhere) || elsewhere >= distance).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
