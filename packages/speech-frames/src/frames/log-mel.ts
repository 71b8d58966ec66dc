// Log-mel frames: what a model sees of sound, a row of M numbers every ten milliseconds. A frame is made of its own
// samples alone, so that frames of a stream are those of the whole.

import { checkInteger, checkKind, checkPositive } from "@saccade/attention-core";
import { fft, type Spectrum } from "./fourier-transform.ts";
import { melBands } from "./mel-bands.ts";

/** How samples become frames; plain data, part of a model's configuration. */
export interface LogMelConfig {
  /** Samples per second of what the model hears; other audio is resampled to it. */
  readonly sampleRate: number;
  /** Length of a frame, 25 as a rule; rounded to whole samples. */
  readonly windowMilliseconds: number;
  /** From the beginning of a frame to that of the next, 10 as a rule; rounded to whole samples. */
  readonly hopMilliseconds: number;
  /** M. */
  readonly bands: number;
  /** Where the first band begins, such as 20. */
  readonly lowestHz: number;
  /** Where the last band ends; at most half the sample rate. */
  readonly highestHz: number;
  /** Least energy of a band, so that silence has a logarithm. Default 1e-6, about that of noise of 10⁻⁴ of full scale. */
  readonly floor?: number;
}

/** How to make frames for training. */
export interface LogMelOptions {
  /** Moves the bands, as a longer (< 1) or shorter (> 1) vocal tract would; see `warpHz`. Default 1. */
  readonly warp?: number;
}

/** Samples -1 to 1 at the sample rate of the configuration, to frames [T, M]. */
export type LogMelExtractor = (samples: Float32Array) => Float32Array;

/** Lengths of frames in samples. */
export interface FrameLengths {
  readonly windowSamples: number;
  readonly hopSamples: number;
}

/** The lengths of frames of `config`, in whole samples. */
export function frameLengths({ sampleRate, windowMilliseconds, hopMilliseconds }: LogMelConfig): FrameLengths {
  return {
    windowSamples: Math.round((windowMilliseconds * sampleRate) / 1000),
    hopSamples: Math.round((hopMilliseconds * sampleRate) / 1000),
  };
}

/**
 * T, the frames of so many samples: as many as fit, ⌊(samples - window) / hop⌋ + 1, and one of those that are too few
 * for one, zeros filling it up.
 */
export function frameCount(samples: number, config: LogMelConfig): number {
  const { windowSamples, hopSamples } = frameLengths(config);
  return Math.max(0, Math.floor((samples - windowSamples) / hopSamples)) + 1;
}

/**
 * Makes the frames of `config`; windows and bands are computed once. Frame t is made of samples t · hop to t · hop + window:
 * times the periodic Hann window ½ - ½ cos(2πi / window), zeros after it up to the next power of two, the squared
 * magnitudes of their Fourier transform, bands on HTK's mel scale (`melBands`), the natural logarithm of what is above
 * the floor. There is no padding at either end, no pre-emphasis and no dither. Throws `TypeError` or `RangeError` for a
 * configuration outside its range.
 *
 * @example
 * const extract = logMelExtractor({ sampleRate: 8000, windowMilliseconds: 25, hopMilliseconds: 10, bands: 40, lowestHz: 20, highestHz: 4000 });
 * extract(new Float32Array(8000)).length; // 98 frames of 40
 */
export function logMelExtractor(config: LogMelConfig, { warp = 1 }: LogMelOptions = {}): LogMelExtractor {
  checkLogMelConfig(config);
  checkPositive("log-mel options", "warp", warp);
  const { sampleRate, bands, lowestHz, highestHz, floor = defaultFloor } = config;
  const { windowSamples, hopSamples } = frameLengths(config);
  const fftSize = 2 ** Math.ceil(Math.log2(windowSamples));
  const triangles = melBands({ sampleRate, fftSize, bands, lowestHz, highestHz, warp });
  const hann = Float64Array.from(
    { length: windowSamples },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / windowSamples),
  );
  const windowed = new Float64Array(fftSize);
  const spectrum: Spectrum = [new Float64Array(fftSize / 2 + 1), new Float64Array(fftSize / 2 + 1)];
  const [real, imaginary] = spectrum;
  return (samples) => {
    if (!(samples instanceof Float32Array)) {
      throw new TypeError("Cannot make frames: samples must be a Float32Array, they are not");
    }
    const frames = new Float32Array(frameCount(samples.length, config) * bands);
    for (let at = 0, first = 0; at < frames.length; at += bands, first += hopSamples) {
      // Where samples are too few, what is beyond them is undefined, and reads as zero.
      for (let i = 0; i < windowSamples; i += 1) windowed[i] = (samples[first + i] ?? 0) * hann[i]!;
      fft(windowed, spectrum);
      for (let f = 0; f < real.length; f += 1) real[f] = real[f]! * real[f]! + imaginary[f]! * imaginary[f]!;
      triangles.forEach(({ first: lowest, weights }, band) => {
        let energy = 0;
        for (let i = 0; i < weights.length; i += 1) energy += weights[i]! * real[lowest + i]!;
        frames[at + band] = Math.log(Math.max(energy, floor));
      });
    }
    return frames;
  };
}

/** The frames [T, M] of samples at `config.sampleRate`; for more than one clip make a `logMelExtractor`. */
export function logMel(samples: Float32Array, config: LogMelConfig): Float32Array {
  return logMelExtractor(config)(samples);
}

/** Throws `TypeError` for a field of the wrong kind, `RangeError` for one outside the allowed values. */
export function checkLogMelConfig(config: LogMelConfig, subject = "frames"): void {
  checkKind(subject, "the configuration", config, "object");
  const { sampleRate, windowMilliseconds, hopMilliseconds, bands, lowestHz, highestHz, floor } = config;
  checkInteger(subject, "sampleRate", sampleRate, 1000, 384_000);
  checkPositive(subject, "windowMilliseconds", windowMilliseconds);
  checkPositive(subject, "hopMilliseconds", hopMilliseconds);
  checkInteger(subject, "bands", bands, 1, 1024);
  checkKind(subject, "lowestHz", lowestHz, "number");
  checkKind(subject, "highestHz", highestHz, "number");
  if (floor !== undefined) checkPositive(subject, "floor", floor);
  const { windowSamples, hopSamples } = frameLengths(config);
  checkInteger(subject, "samples in a window", windowSamples, 2, 65_536);
  checkInteger(subject, "samples in a hop", hopSamples, 1, windowSamples);
  if (!(lowestHz >= 0 && lowestHz < highestHz && highestHz <= sampleRate / 2)) {
    throw new RangeError(
      `Cannot use ${subject}: lowestHz and highestHz must ascend from 0 to ${sampleRate / 2}, they are ${lowestHz} and ${highestHz}`,
    );
  }
}

const defaultFloor = 1e-6;
