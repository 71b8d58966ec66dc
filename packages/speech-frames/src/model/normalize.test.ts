import fc from "fast-check";
import { expect, test } from "vitest";
import { levelFrames } from "./level-frames.ts";
import { checkNormalization, fixedNormalization, normalizeFrames } from "./normalize.ts";
import { positionTimes, subsamplingOf } from "./subsampling.ts";

const frames = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 })).chain(([bands, count]) =>
  fc.record({
    bands: fc.constant(bands),
    values: fc.float32Array({ minLength: bands * count, maxLength: bands * count, min: -20, max: 20, noNaN: true }),
  }),
);

/** Means and variances of columns. */
function moments(values: Float32Array, bands: number): { readonly mean: number; readonly variance: number }[] {
  return Array.from({ length: bands }, (_, band) => {
    const column = Array.from(values).filter((_, i) => i % bands === band);
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return { mean, variance: column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length };
  });
}

test("normalizeFrames() takes away the mean of each band of an utterance, and writes where it is told", () => {
  fc.assert(
    fc.property(frames, ({ bands, values }) => {
      const target = new Float32Array(values.length + 2).fill(7);
      normalizeFrames(values, bands, "utterance", target, 1);
      expect([target[0], target.at(-1)]).toEqual([7, 7]);
      for (const { mean } of moments(target.subarray(1, -1), bands)) expect(mean).toBeCloseTo(0, 4);
    }),
  );
});

test("fixedNormalization() brings the frames that it measured to mean 0 and variance 1", () => {
  fc.assert(
    fc.property(frames, ({ bands, values }) => {
      const half = bands * Math.floor(values.length / bands / 2);
      const fixed = fixedNormalization([values.subarray(0, half), values.subarray(half)], bands);
      const target = new Float32Array(values.length);
      normalizeFrames(values, bands, fixed, target, 0);
      const before = moments(values, bands);
      moments(target, bands).forEach(({ mean, variance }, band) => {
        if (before[band]!.variance < 0.01) return;
        expect(mean).toBeCloseTo(0, 3);
        expect(variance).toBeCloseTo(1, 3);
      });
    }),
  );
});

test("fixedNormalization() of no frames is refused", () => {
  expect(() => fixedNormalization([], 3)).toThrow(/at least one frame/);
});

test("normalizeFrames() with a level gives the same whatever the gain, and noise under the floor hardly shows", () => {
  fc.assert(
    fc.property(frames, fc.double({ min: -5, max: 5, noNaN: true }), ({ bands, values }, gain) => {
      const level = { floor: 7 };
      const normalization = {
        ...fixedNormalization([values], bands, level),
        mean: Array.from({ length: bands }, () => 0),
      };
      const [own, louder] = [values, values.map((value) => value + gain)].map((heard) => {
        const target = new Float32Array(values.length);
        normalizeFrames(heard, bands, { ...normalization, scale: normalization.scale.map(() => 1) }, target, 0);
        return target;
      });
      own!.forEach((value, i) => expect(louder![i]).toBeCloseTo(value, 3));
      own!.forEach((value) => expect(value).toBeGreaterThan(-7.001));
      expect(normalization.level).toEqual(level);
    }),
  );
});

test("levelFrames() tells frames from the loudness of a frame that nine of ten are not above", () => {
  const frames = Float32Array.from({ length: 11 }, (_, t) => t);
  expect(levelFrames(frames, 1, { floor: 40 })[9]).toBeCloseTo(0, 5);
  expect(levelFrames(frames, 1, { floor: 2 })[0]).toBeCloseTo(Math.log(Math.exp(-9) + Math.exp(-2)), 5);
});

test("checkNormalization() refuses a level without a floor above zero", () => {
  const level = { floor: 0 };
  expect(() => checkNormalization({ mean: [0], scale: [1], level }, 1)).toThrow(/level\.floor must be/);
  const above = { floor: 7, mean: 1.5 };
  expect(() => checkNormalization({ mean: [0], scale: [1], level: above }, 1)).toThrow(/level\.mean must be 0 to 1/);
});

test("levelFrames() takes away as much of the mean of each band as it is told", () => {
  fc.assert(
    fc.property(frames, fc.double({ min: 0, max: 1, noNaN: true }), ({ bands, values }, mean) => {
      const before = moments(levelFrames(values, bands, { floor: 7 }), bands);
      moments(levelFrames(values, bands, { floor: 7, mean }), bands).forEach((after, band) => {
        expect(after.mean).toBeCloseTo((1 - mean) * before[band]!.mean, 4);
      });
    }),
  );
});

test("normalizeFrames() leaves frames alone where nothing is asked for", () => {
  const target = new Float32Array(2);
  normalizeFrames(Float32Array.of(3, -4), 2, "none", target, 0);
  expect(Array.from(target)).toEqual([3, -4]);
});

test("positionTimes() tells the middle of the frames that a position is made of", () => {
  const config = {
    sampleRate: 8000,
    windowMilliseconds: 25,
    hopMilliseconds: 10,
    bands: 2,
    lowestHz: 0,
    highestHz: 4000,
  };
  const stem = [
    { size: 3, stride: 2, left: 1, right: 1 },
    { size: 4, stride: 3, left: 0, right: 3 },
  ];
  const { center, step } = positionTimes(config, stem);
  // The second convolution sees four rows from its own on: a row and a half later, of 20 ms each.
  expect(center).toBeCloseTo(0.0125 + 0.03, 9);
  expect(step).toBeCloseTo(0.06, 9);
  expect(subsamplingOf(stem)).toBe(6);
});
