// Another sample rate, by a low-pass filter of the ideal shape under a Kaiser window, evaluated where output samples fall.
// Each output sample is a sum over the same inputs in the same order however the input comes, so that a stream gives the
// bits of the whole.

import { sampleBuffer } from "./sample-buffer.ts";

/** A resampler that takes its input in chunks. */
export interface Resampler {
  /** Input samples, any number; returns the output samples that they complete. */
  push(samples: Float32Array): Float32Array;
  /** The rest: beyond the end the input is zero. */
  finish(): Float32Array;
  /** Input that an output sample waits for after its own time, in seconds. */
  readonly latencySeconds: number;
}

/** Zero crossings of the filter to either side, share of the band that passes, and shape of the window: torchaudio's "kaiser_best", after resampy's. */
const zeroCrossings = 64;
const rolloff = 0.9475937167399596;
const beta = 14.769656459379492;

/**
 * `samples` at `from` per second, at `to` per second: ⌈samples · to / from⌉ of them. With f = rolloff · min(from, to),
 * output j is Σ x[i] · f / from · sinc(t) · kaiser(t / 64), t = f · (i / from - j / to), the formula of torchaudio's
 * `resample`. Rates are positive integers.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  const resampler = createResampler(from, to);
  const [most, rest] = [resampler.push(samples), resampler.finish()];
  const result = new Float32Array(most.length + rest.length);
  result.set(most);
  result.set(rest, most.length);
  return result;
}

/** Opens a resampler as of `resample`, whose outputs end to end are those of the whole input. */
export function createResampler(from: number, to: number): Resampler {
  const divisor = greatestDivisor(from, to);
  const [step, phases] = [from / divisor, to / divisor];
  const cutoff = (rolloff * Math.min(from, to)) / from;
  const reach = step === phases ? 0 : Math.ceil(zeroCrossings / cutoff);
  const filters: Float64Array[] = [];
  const input = sampleBuffer();
  let next = 0;

  const filterOf = (phase: number): Float64Array =>
    (filters[phase] ??= Float64Array.from({ length: 2 * reach }, (_, tap) =>
      filterAt(tap - reach + 1 - phase / phases, cutoff),
    ));
  const advance = (count: number): Float32Array => {
    const outputs = new Float32Array(Math.max(0, count - next));
    const { first, end } = input;
    const there = input.view(first, end);
    for (let at = 0; next < count; at += 1, next += 1) {
      const filter = filterOf((next * step) % phases);
      // Where the first tap falls, counted from the first sample that is there; zeros are left out.
      const begin = Math.floor((next * step) / phases) - reach + 1 - first;
      const last = Math.min(filter.length, there.length - begin);
      let sum = 0;
      for (let tap = Math.max(0, -begin); tap < last; tap += 1) sum += there[begin + tap]! * filter[tap]!;
      outputs[at] = sum;
    }
    input.dropBefore(Math.floor((next * step) / phases) - reach + 1);
    return outputs;
  };
  return {
    latencySeconds: reach / from,
    push(samples) {
      if (reach === 0) return samples.slice();
      input.append(samples);
      // Output j reads inputs up to ⌊j · step / phases⌋ + reach.
      return advance(Math.ceil((Math.max(0, input.end - reach) * phases) / step));
    },
    finish: () => (reach === 0 ? new Float32Array(0) : advance(Math.ceil((input.end * phases) / step))),
  };
}

function filterAt(distance: number, cutoff: number): number {
  const t = distance * cutoff;
  const inside = 1 - (t / zeroCrossings) ** 2;
  if (inside <= 0) return 0;
  const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
  return (cutoff * sinc * bessel0(beta * Math.sqrt(inside))) / bessel0(beta);
}

/** The modified Bessel function of the first kind and order 0, by its series. */
function bessel0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-17; k += 1) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
