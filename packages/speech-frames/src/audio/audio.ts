// Sound in memory: what tasks take.

import { resample } from "./resample.ts";

/** One channel of sound. */
export interface Audio {
  /** Between -1 and 1 as a rule; finite. */
  readonly samples: Float32Array;
  /** Samples per second. */
  readonly sampleRate: number;
}

/** Samples per second that are taken. */
export const sampleRates = { least: 1000, most: 384_000 } as const;

/**
 * The audio that `input` is. Throws `TypeError` for anything but samples with their rate, and `RangeError` for a rate
 * outside 1,000 to 384,000 or samples that are not finite.
 */
export function checkAudio(input: unknown): Audio {
  if (input instanceof Float32Array) {
    throw new TypeError(
      "Cannot read audio: it must say its sample rate, { samples, sampleRate }, it is a Float32Array alone",
    );
  }
  const { samples, sampleRate } = (typeof input === "object" && input !== null ? input : {}) as Partial<Audio>;
  if (!(samples instanceof Float32Array)) {
    throw new TypeError(
      "Cannot read audio: it must be { samples, sampleRate } with samples in a Float32Array, it is not",
    );
  }
  checkSampleRate("read audio", sampleRate);
  checkFinite("read audio", samples);
  return input as Audio;
}

/**
 * The samples of `audio` at `sampleRate`: its own where it has that rate, else resampled as `resample` does. Throws as
 * `checkAudio` does.
 */
export function audioAt(audio: Audio, sampleRate: number): Float32Array {
  const { samples, sampleRate: own } = checkAudio(audio);
  return own === sampleRate ? samples : resample(samples, own, sampleRate);
}

/** Throws unless `sampleRate` is an integer within `sampleRates`. */
export function checkSampleRate(action: string, sampleRate: unknown): asserts sampleRate is number {
  if (typeof sampleRate !== "number") {
    throw new TypeError(`Cannot ${action}: sampleRate must be a number, it is of type ${typeof sampleRate}`);
  }
  const { least, most } = sampleRates;
  if (!Number.isInteger(sampleRate) || sampleRate < least || sampleRate > most) {
    throw new RangeError(
      `Cannot ${action}: sampleRate must be an integer from ${least} to ${most}, it is ${sampleRate}`,
    );
  }
}

/** Throws unless all samples are finite. */
export function checkFinite(action: string, samples: Float32Array): void {
  // A plain loop: `findIndex` calls a function for each of millions.
  for (let i = 0; i < samples.length; i += 1) {
    if (!Number.isFinite(samples[i])) {
      throw new RangeError(`Cannot ${action}: samples must be finite, number ${i} is ${samples[i]}`);
    }
  }
}
