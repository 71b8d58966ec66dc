import { randomStream } from "@saccade/attention-core";
import { expect, test } from "vitest";
import { changeFrames, changeSpeed, changeWaveform, type FrameChanges, stretchFrames } from "./augment.ts";

const quiet: FrameChanges = {
  stretch: [1, 1],
  times: { count: 0, frames: 0, share: 0 },
  bands: { count: 0, bands: 0 },
  channel: 0,
};

test("changeSpeed() plays a tone faster and higher by the same factor", () => {
  const tone = Float32Array.from({ length: 4000 }, (_, i) => Math.sin((2 * Math.PI * 200 * i) / 8000));
  const fast = changeSpeed(tone, 1.25);
  expect(fast.length).toBe(3200);
  for (let i = 10; i < 3190; i += 1) {
    expect(fast[i]).toBeCloseTo(Math.sin((2 * Math.PI * 250 * i) / 8000), 3);
  }
});

test("changeSpeed() by 1 and of a single sample changes nothing", () => {
  const samples = Float32Array.of(1, -1, 0.5);
  expect(changeSpeed(samples, 1)).toEqual(samples);
  expect(changeSpeed(Float32Array.of(0.5), 2)).toEqual(Float32Array.of(0.5));
});

test("changeWaveform() pads with silence, and adds noise as far below as it was told", () => {
  const samples = new Float32Array(8000).fill(0.5);
  const changed = changeWaveform(
    samples,
    { speed: [1, 1], paddingMs: [100, 100], noiseBelowDb: [20, 20], gainDb: [0, 0] },
    8000,
    randomStream(3),
  );
  expect(changed.length).toBe(9600);
  const noise = [...changed.subarray(0, 800), ...changed.subarray(8800)];
  const level = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / noise.length);
  expect(level).toBeGreaterThan(0.03);
  expect(level).toBeLessThan(0.07);
});

test("stretchFrames() keeps the ends and what lies on a straight line", () => {
  const line = Float32Array.from({ length: 2 * 11 }, (_, i) => (i % 2 === 0 ? i / 2 : -i));
  const longer = stretchFrames(line, 2, 21 / 11);
  expect(longer.length).toBe(2 * 21);
  for (let t = 0; t < 21; t += 1) {
    expect(longer[2 * t]).toBeCloseTo(t / 2, 5);
    expect(longer[2 * t + 1]).toBeCloseTo(-t - 1, 5);
  }
  expect(stretchFrames(Float32Array.of(1, 2), 2, 0.2)).toEqual(Float32Array.of(1, 2));
});

test("changeFrames() hides bands and stretches of time, and leaves the given frames alone", () => {
  // Each band has a mean of 0 that no frame of it has.
  const frames = Float32Array.from({ length: 50 * 8 }, (_, i) => (Math.floor(i / 8) % 2 === 0 ? 1 : -1));
  const changed = changeFrames(
    frames,
    8,
    { ...quiet, times: { count: 1, frames: 10, share: 0.5 }, bands: { count: 1, bands: 3 } },
    randomStream(5),
  );
  expect(frames.every((value) => Math.abs(value) === 1)).toBe(true);
  const isHidden = (t: number, band: number): boolean => Math.abs(changed[t * 8 + band]!) < 1e-6;
  const times = Array.from({ length: 50 }, (_, t) => t).filter((t) =>
    [0, 1, 2, 3, 4, 5, 6, 7].every((band) => isHidden(t, band)),
  );
  const bands = Array.from({ length: 8 }, (_, band) => band).filter((band) =>
    Array.from({ length: 50 }, (_, t) => t).every((t) => isHidden(t, band)),
  );
  expect(times.length).toBeLessThanOrEqual(10);
  expect(bands.length).toBeLessThanOrEqual(3);
  const hidden = changed.reduce((sum, value) => sum + (Math.abs(value) < 1e-6 ? 1 : 0), 0);
  expect(hidden).toBe(times.length * 8 + bands.length * 50 - times.length * bands.length);
  expect(hidden).toBeGreaterThan(0);
});

test("changeFrames() is the same for the same stream, and nothing is changed where nothing is asked for", () => {
  const frames = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
  expect(changeFrames(frames, 4, quiet, randomStream(1))).toEqual(frames);
  const changes: FrameChanges = { ...quiet, stretch: [0.8, 1.25], channel: 1 };
  expect(changeFrames(frames, 4, changes, randomStream(2))).toEqual(changeFrames(frames, 4, changes, randomStream(2)));
});

test("changeFrames() raises and lowers bands by an equalizer alike in all frames, by no more than it may", () => {
  const frames = Float32Array.from({ length: 5 * 12 }, (_, i) => Math.sin(i));
  const changed = changeFrames(frames, 12, { ...quiet, equalizer: { points: 4, most: 0.5 } }, randomStream(3));
  const gains = Array.from({ length: 12 }, (_, band) => changed[band]! - frames[band]!);
  changed.forEach((value, i) => expect(value - frames[i]!).toBeCloseTo(gains[i % 12]!, 5));
  expect(Math.max(...gains.map(Math.abs))).toBeLessThanOrEqual(0.5 + 1e-6);
  expect(new Set(gains.map((gain) => gain.toFixed(3))).size).toBeGreaterThan(6);
});
