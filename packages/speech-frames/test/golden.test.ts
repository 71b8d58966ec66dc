// Frames and samples against those of other implementations; golden/make_golden.py makes them.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { logMel, type LogMelConfig, resample } from "../src/index.ts";

interface Golden {
  readonly frames: readonly (LogMelConfig & {
    readonly count: number;
    readonly frames: readonly (readonly number[])[];
  })[];
  readonly resampled: readonly {
    readonly from: number;
    readonly to: number;
    readonly count: number;
    readonly samples: readonly number[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL("golden/golden.json", import.meta.url), "utf8")) as Golden;

function sound(count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => 0.4 * Math.sin(0.02 * i + 0.00005 * i * i) + 0.2 * Math.sin(0.9 * i) + 0.001 * Math.sin(2.1 * i),
  );
}

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - actual[i]!)), 0);
}

test.each(golden.frames)("logMel() is librosa's: $bands bands at $sampleRate Hz", ({ count, frames, ...config }) => {
  const actual = logMel(sound(count), config);
  expect(actual.length).toBe(frames.length * config.bands);
  expect(largestDifference(actual, frames.flat())).toBeLessThan(2e-5);
});

test.each(golden.resampled)("resample() is the formula's: $from to $to Hz", ({ from, to, count, samples }) => {
  const actual = resample(sound(count), from, to);
  expect(actual.length).toBe(samples.length);
  expect(largestDifference(actual, samples)).toBeLessThan(1e-6);
});
