import { randomStream } from "@saccade/attention-core";
import { expect, test } from "vitest";
import { addNoise, evaluationSettings, evaluationStrings, joinDigits, labelsAt } from "./joined-digits.ts";
import type { Recording } from "./recordings.ts";

/** Recordings of a constant, by which they are found again. */
const recordings: Recording[] = ["ada", "bob"].flatMap((speaker, s) =>
  Array.from({ length: 10 }, (_, digit) => ({
    file: `${digit}_${speaker}.wav`,
    digit,
    speaker,
    samples: new Float32Array(800 + 80 * digit).fill((s + 1) * 0.01 * (digit + 1)),
  })),
);

test("joinDigits() puts each recording where its span says, with gaps in their range", () => {
  const parts = [recordings[3]!, recordings[0]!, recordings[3]!];
  const settings = { ...evaluationSettings, noiseBelowDb: [300, 300], gainDb: [0, 0] } as const;
  const { samples, digits, spans, speaker } = joinDigits(parts, settings, 8000, randomStream(1));
  expect(digits).toEqual([3, 0, 3]);
  expect(speaker).toBe("ada");
  let before = 0;
  spans.forEach(([start, end], n) => {
    expect(end - start).toBe(parts[n]!.samples.length);
    for (const i of [start, end - 1]) expect(samples[i]).toBeCloseTo(0.01 * (digits[n]! + 1), 6);
    for (const i of [start - 1, end]) expect(samples[i]).toBeCloseTo(0, 6);
    expect(start - before).toBeGreaterThanOrEqual(160);
    expect(start - before).toBeLessThanOrEqual(1600);
    before = end;
  });
  expect(samples.length - before).toBeGreaterThanOrEqual(160);
});

test("labelsAt() says which digit is spoken at each moment", () => {
  const string = {
    digits: [7, 0],
    spans: [
      [10, 20],
      [30, 35],
    ],
  } as const;
  expect([...labelsAt(string, 8, 0, 5)]).toEqual([0, 0, 8, 8, 0, 0, 1, 0]);
  expect([...labelsAt(string, 4, 9.5, 10)]).toEqual([0, 8, 0, 0]);
  expect([...labelsAt(string, 2, 30, 10)]).toEqual([1, 0]);
});

test("evaluationStrings() are the same each time, of one speaker each, and use all recordings about four times", () => {
  const strings = evaluationStrings(recordings, 8000);
  expect(evaluationStrings(recordings, 8000)).toEqual(strings);
  for (const { digits, speaker, spans, samples } of strings) {
    expect(digits.length).toBeGreaterThanOrEqual(3);
    expect(digits.length).toBeLessThanOrEqual(8);
    expect(spans.length).toBe(digits.length);
    const own = recordings.filter((recording) => recording.speaker === speaker);
    spans.forEach(([start, end], n) => expect(end - start).toBe(own[digits[n]!]!.samples.length));
    expect(samples.every(Number.isFinite)).toBe(true);
  }
  for (const speaker of ["ada", "bob"]) {
    const said = strings.filter((string) => string.speaker === speaker).flatMap(({ digits }) => digits);
    expect(said.length).toBeGreaterThanOrEqual(40);
    for (let digit = 0; digit < 10; digit += 1) {
      const count = said.filter((each) => each === digit).length;
      expect(count).toBeGreaterThanOrEqual(4);
      expect(count).toBeLessThanOrEqual(5);
    }
  }
});

test("evaluationStrings() of no recordings are none", () => {
  expect(evaluationStrings([], 8000)).toEqual([]);
});

test("addNoise() has the level that it was told, whatever its colour", () => {
  for (const seed of [1, 2, 3, 4]) {
    const samples = new Float32Array(40_000);
    addNoise(samples, 0.1, randomStream(seed));
    const level = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
    expect(level).toBeGreaterThan(0.09);
    expect(level).toBeLessThan(0.11);
  }
});
