// Strings of digits, joined from recordings of single ones by the same speaker, with silence between them, noise over all
// and a gain. What is said, and when, is known by construction. Training joins them as evaluation does: in the waveform.

import { type RandomStream, randomStream } from "@saccade/attention-core";
import type { Recording } from "./recordings.ts";

/** Ranges, of which each string draws evenly. */
export interface StringSettings {
  /** How many digits. */
  readonly digits: readonly [least: number, most: number];
  /** Silence before, between and after them. */
  readonly gapMs: readonly [least: number, most: number];
  /** How far noise lies below the speech, both as root mean squares over the digits. */
  readonly noiseBelowDb: readonly [least: number, most: number];
  readonly gainDb: readonly [least: number, most: number];
}

/** Digits in a row. */
export interface DigitString {
  readonly speaker: string;
  readonly samples: Float32Array;
  /** 0 to 9. */
  readonly digits: readonly number[];
  /** First sample of each digit, and the one after its last. */
  readonly spans: readonly (readonly [start: number, end: number])[];
}

/** What evaluation measures by. */
export const evaluationSettings: StringSettings = {
  digits: [3, 8],
  gapMs: [20, 200],
  noiseBelowDb: [15, 35],
  gainDb: [-10, 6],
};

/** How often evaluation uses each recording, about. */
const rounds = 4;

/**
 * The strings that evaluation measures by: for each speaker in the order of `recordings`, draws of `evaluationSettings`
 * from one stream (seed 1, "digit strings"), recordings without replacement until none is left and then from all of them
 * again, until there are four times as many digits as recordings. The same for the same recordings, on every machine.
 */
export function evaluationStrings(recordings: readonly Recording[], sampleRate: number): DigitString[] {
  const random = randomStream(1, "digit strings");
  return [...bySpeaker(recordings).values()].flatMap((own) => {
    const strings: DigitString[] = [];
    let deck: Recording[] = [];
    for (let count = 0; count < rounds * own.length; count += strings.at(-1)!.digits.length) {
      const parts = Array.from({ length: between(evaluationSettings.digits, random) }, () => {
        if (deck.length === 0) deck = [...own];
        return deck.splice(Math.floor(random.uniform() * deck.length), 1)[0]!;
      });
      strings.push(joinDigits(parts, evaluationSettings, sampleRate, random));
    }
    return strings;
  });
}

/** The recordings of each speaker, in their order. */
export function bySpeaker(recordings: readonly Recording[]): Map<string, Recording[]> {
  const groups = new Map<string, Recording[]>();
  for (const recording of recordings) {
    const group = groups.get(recording.speaker);
    if (group) group.push(recording);
    else groups.set(recording.speaker, [recording]);
  }
  return groups;
}

/** Joins `parts` of one speaker. */
export function joinDigits(
  parts: readonly Recording[],
  { gapMs, noiseBelowDb, gainDb }: StringSettings,
  sampleRate: number,
  random: RandomStream,
): DigitString {
  const gap = (): number => Math.round((range(gapMs, random) * sampleRate) / 1000);
  const spans: [number, number][] = [];
  let at = gap();
  for (const { samples } of parts) {
    spans.push([at, at + samples.length]);
    at += samples.length + gap();
  }
  const joined = new Float32Array(at);
  parts.forEach(({ samples }, n) => joined.set(samples, spans[n]![0]));
  const spoken = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  const level = spoken === 0 ? 0 : Math.sqrt(joined.reduce((sum, value) => sum + value * value, 0) / spoken);
  addNoise(joined, level * decibels(-range(noiseBelowDb, random)), random);
  const gain = decibels(range(gainDb, random));
  return {
    speaker: parts[0]?.speaker ?? "",
    samples: joined.map((value) => gain * value),
    digits: parts.map(({ digit }) => digit),
    spans,
  };
}

/**
 * What is said at each of `count` moments, `every` samples apart from `first` on: 0 for nothing, 1 + digit. A moment may
 * lie between two samples.
 */
export function labelsAt(
  { spans, digits }: Pick<DigitString, "spans" | "digits">,
  count: number,
  first: number,
  every: number,
): Int32Array {
  const labels = new Int32Array(count);
  spans.forEach(([start, end], n) => {
    const from = Math.max(0, Math.ceil((start - first) / every));
    const to = Math.min(count, Math.ceil((end - first) / every));
    labels.fill(1 + digits[n]!, from, Math.max(from, to));
  });
  return labels;
}

/**
 * Adds noise of root mean square `level`: even draws, through a filter of one pole that is drawn too, from white to
 * sloping by 6 dB an octave.
 */
export function addNoise(samples: Float32Array, level: number, random: RandomStream): void {
  const pole = 0.95 * random.uniform();
  // Even draws from -1 to 1 have variance 1/3, the filter's output that over 1 - pole².
  const scale = level * Math.sqrt(3 * (1 - pole * pole));
  let noise = 0;
  for (let i = 0; i < samples.length; i += 1) {
    noise = pole * noise + 2 * random.uniform() - 1;
    samples[i]! += scale * noise;
  }
}

/** A number in a range. */
export function range([least, most]: readonly [number, number], random: RandomStream): number {
  return least + (most - least) * random.uniform();
}

/** An integer in a range, ends included. */
export function between([least, most]: readonly [number, number], random: RandomStream): number {
  return least + Math.floor((most - least + 1) * random.uniform());
}

/** The factor of a level. Not by `Math.pow` alone: its last bit is the engine's, which no figure depends on. */
export function decibels(level: number): number {
  return 10 ** (level / 20);
}
