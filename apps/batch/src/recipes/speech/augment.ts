// Other ways in which a recording might have been spoken and heard: faster or slower and higher or deeper in the waveform;
// longer, in parts not heard or through another channel in its frames (Park et al. 2019, SpecAugment; Ko et al. 2015, Audio
// augmentation for speech recognition).

import type { RandomStream } from "@saccade/attention-core";
import { addNoise, decibels, range } from "../../tasks/speech/joined-digits.ts";

/** Ranges, of which each time draws evenly. */
export interface WaveformChanges {
  /** Factor of the speed, and so of all frequencies. */
  readonly speed: readonly [least: number, most: number];
  /** Silence before and after: of both, drawn apart. */
  readonly paddingMs: readonly [least: number, most: number];
  readonly noiseBelowDb: readonly [least: number, most: number];
  readonly gainDb: readonly [least: number, most: number];
}

/** How much of frames is changed. */
export interface FrameChanges {
  /** How much longer they get, a range. */
  readonly stretch: readonly [least: number, most: number];
  /** Stretches of frames that are not heard: how many, and the most frames in one and as a share of all. */
  readonly times: { readonly count: number; readonly frames: number; readonly share: number };
  /** Bands that are not heard: how many times, and the most in one. */
  readonly bands: { readonly count: number; readonly bands: number };
  /** Of a channel: the most by which ends and middle of the bands are raised or lowered, in the frames' own unit. */
  readonly channel: number;
  /** Of a channel that is less smooth: the most by which each of so many points of the bands is raised or lowered. */
  readonly equalizer?: { readonly points: number; readonly most: number };
}

/** `samples` as drawn from `changes`. */
export function changeWaveform(
  samples: Float32Array,
  { speed, paddingMs, noiseBelowDb, gainDb }: WaveformChanges,
  sampleRate: number,
  random: RandomStream,
): Float32Array {
  const spoken = changeSpeed(samples, range(speed, random));
  const padding = (): number => Math.round((range(paddingMs, random) * sampleRate) / 1000);
  const before = padding();
  const changed = new Float32Array(before + spoken.length + padding());
  changed.set(spoken, before);
  addNoise(changed, rootMeanSquare(spoken) * decibels(-range(noiseBelowDb, random)), random);
  const gain = decibels(range(gainDb, random));
  return changed.map((value) => gain * value);
}

/** `samples` played `factor` times as fast: between them by Catmull and Rom's cubic curves. */
export function changeSpeed(samples: Float32Array, factor: number): Float32Array {
  const last = samples.length - 1;
  if (last < 1 || factor === 1) return samples;
  const changed = new Float32Array(Math.floor(last / factor) + 1);
  for (let n = 0; n < changed.length; n += 1) {
    const i = Math.floor(n * factor);
    const t = n * factor - i;
    const b = samples[i]!;
    const a = samples[Math.max(i - 1, 0)]!;
    const c = samples[Math.min(i + 1, last)]!;
    const d = samples[Math.min(i + 2, last)]!;
    changed[n] = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }
  return changed;
}

/**
 * Frames [T, M] as drawn from `changes`, `frames` itself left alone. What is not heard has the mean of its band, which any
 * normalisation brings to about zero.
 */
export function changeFrames(
  frames: Float32Array,
  bands: number,
  { stretch, times, bands: hidden, channel, equalizer }: FrameChanges,
  random: RandomStream,
): Float32Array {
  const changed = stretchFrames(frames, bands, range(stretch, random));
  const T = changed.length / bands;
  const [low, middle, high] = [0, 1, 2].map(() => channel * (2 * random.uniform() - 1)) as [number, number, number];
  for (let band = 0; band < bands; band += 1) {
    const x = (2 * band) / Math.max(1, bands - 1) - 1;
    const raise = 0.5 * x * (x - 1) * low + (1 - x * x) * middle + 0.5 * x * (x + 1) * high;
    for (let t = 0; t < T; t += 1) changed[t * bands + band]! += raise;
  }
  if (equalizer) equalize(changed, bands, equalizer, random);
  const mean = new Float64Array(bands);
  for (let i = 0; i < changed.length; i += 1) mean[i % bands]! += changed[i]! / T;
  for (let n = 0; n < hidden.count; n += 1) {
    const [from, to] = part(bands, hidden.bands, random);
    for (let t = 0; t < T; t += 1) changed.set(mean.subarray(from, to), t * bands + from);
  }
  for (let n = 0; n < times.count; n += 1) {
    const [from, to] = part(T, Math.min(times.frames, Math.floor(times.share * T)), random);
    for (let t = from; t < to; t += 1) changed.set(mean, t * bands);
  }
  return changed;
}

/** Raises each band of frames [T, M] by what straight lines between drawn points give. */
function equalize(
  frames: Float32Array,
  bands: number,
  { points, most }: NonNullable<FrameChanges["equalizer"]>,
  random: RandomStream,
): void {
  const gains = Float32Array.from({ length: points }, () => most * (2 * random.uniform() - 1));
  const gainOf = stretchFrames(gains, 1, bands / points);
  for (let i = 0; i < frames.length; i += 1) frames[i]! += gainOf[i % bands]!;
}

/** Frames [T, M] as round(factor · T) of them, at least one, straight lines between; a copy. */
export function stretchFrames(frames: Float32Array, bands: number, factor: number): Float32Array {
  const T = frames.length / bands;
  const length = Math.max(1, Math.round(factor * T));
  if (length === T) return frames.slice();
  const stretched = new Float32Array(length * bands);
  for (let t = 0; t < length; t += 1) {
    const place = length === 1 ? 0 : (t * (T - 1)) / (length - 1);
    const i = Math.min(Math.floor(place), Math.max(0, T - 2));
    const next = Math.min(i + 1, T - 1);
    for (let band = 0; band < bands; band += 1) {
      const from = frames[i * bands + band]!;
      stretched[t * bands + band] = from + (place - i) * (frames[next * bands + band]! - from);
    }
  }
  return stretched;
}

function rootMeanSquare(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

/** A part of at most `most` of `length`. */
function part(length: number, most: number, random: RandomStream): readonly [from: number, to: number] {
  const size = Math.min(length, Math.floor((most + 1) * random.uniform()));
  const from = Math.floor((length - size + 1) * random.uniform());
  return [from, from + size];
}
