// Digits in voices that programs make: eSpeak NG (formants), Flite (diphones and parametric voices of four speakers). They
// are many more ways to say a word than six speakers have, though none sounds like a person.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type RandomStream, randomStream } from "@saccade/attention-core";
import { audioAt, readWav } from "@saccade/speech-frames";
import { range } from "../../tasks/speech/joined-digits.ts";
import type { RecipeRun } from "../recipe.ts";
import type { LabelledClip } from "./clip-recipe.ts";
import { telephoneFrames } from "./speech-network.ts";
import { accents, espeakVariants, espeakVoices, fliteVoices, words } from "./voice-lists.ts";

/** A digit as a program says it. */
export interface SyntheticDigit {
  /** 0 to 9. */
  readonly digit: number;
  /** Of one channel, at the rate that was asked for. */
  readonly samples: Float32Array;
}

/** The digits of one kind of voice; each kind is heard as often as the others. */
export type SyntheticVoices = readonly (readonly SyntheticDigit[])[];

/** Makes voices at a sample rate; rejects with the reason of `signal`. */
export type VoiceSource = (sampleRate: number, signal: AbortSignal) => Promise<SyntheticVoices>;

/** Makes the voices of a run, once for all of its seeds. */
export function voicesOfRun(synthesize: VoiceSource): (run: Pick<RecipeRun, "signal">) => Promise<SyntheticVoices> {
  const made = new WeakMap<AbortSignal, Promise<SyntheticVoices>>();
  return async ({ signal }) => {
    const voices = made.get(signal) ?? synthesize(telephoneFrames.sampleRate, signal);
    made.set(signal, voices);
    return voices;
  };
}

/** Synthetic digits as clips, labelled by the digit. */
export function clipsOfVoices(voices: SyntheticVoices): readonly (readonly LabelledClip[])[] {
  return voices.map((digits) => digits.map(({ samples, digit }) => ({ samples, label: digit })));
}

/** How a voice is made to say a word into a file. */
interface Voice {
  readonly program: "espeak-ng" | "flite";
  readonly argumentsOf: (digit: number, file: string) => readonly string[];
}

/** How many of each accent, and of each voice of Flite. */
const [ofAccent, ofFlite] = [5, 10];

/**
 * The ten digits in voices of three kinds at `sampleRate`: English of eSpeak NG, English with the accents of other languages
 * by the same, and Flite. The same voices each time. Rejects with an error that names the program if it cannot be run, and
 * with the reason of `signal`.
 */
export async function synthesizeDigits(sampleRate: number, signal: AbortSignal): Promise<SyntheticVoices> {
  const random = randomStream(1, "synthetic voices");
  const kinds = [englishVoices(random), accentedVoices(random), flite(random)];
  const folder = await mkdtemp(join(tmpdir(), "saccade-voices-"));
  try {
    const made: SyntheticDigit[][] = [];
    for (const voices of kinds) {
      const digits: SyntheticDigit[] = [];
      for (const voice of voices) {
        signal.throwIfAborted();
        digits.push(...(await Promise.all(words.map(async (_, digit) => say(voice, digit, folder, sampleRate)))));
      }
      made.push(digits);
    }
    return made;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function say(voice: Voice, digit: number, folder: string, sampleRate: number): Promise<SyntheticDigit> {
  const file = join(folder, `${digit}.wav`);
  try {
    await promisify(execFile)(voice.program, [...voice.argumentsOf(digit, file)]);
  } catch (error) {
    const rule = "espeak-ng and flite must be installed (on Debian: apt-get install espeak-ng flite)";
    throw new Error(`Cannot make voices: ${rule}, ${voice.program} failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return { digit, samples: withoutSilence(audioAt(readWav(await readFile(file)), sampleRate), sampleRate) };
}

function englishVoices(random: RandomStream): Voice[] {
  return espeakVariants.flatMap((variant) =>
    espeakVoices.filter(() => random.uniform() < 0.25).map((voice) => espeak(`${voice}+${variant}`, words, random)),
  );
}

function accentedVoices(random: RandomStream): Voice[] {
  return Object.entries(accents).flatMap(([language, spelled]) =>
    Array.from({ length: ofAccent }, () => {
      const variant = espeakVariants[Math.floor(espeakVariants.length * random.uniform())]!;
      return espeak(`${language}+${variant}`, spelled.split(" "), random);
    }),
  );
}

function espeak(voice: string, spelled: readonly string[], random: RandomStream): Voice {
  const pitch = String(Math.round(range([20, 75], random)));
  const wordsInMinute = String(Math.round(range([110, 190], random)));
  return {
    program: "espeak-ng",
    argumentsOf: (digit, file) => ["-v", voice, "-p", pitch, "-s", wordsInMinute, "-w", file, spelled[digit]!],
  };
}

function flite(random: RandomStream): Voice[] {
  return Object.entries(fliteVoices).flatMap(([voice, hertz]) =>
    Array.from({ length: ofFlite }, (): Voice => {
      const settings = [
        `int_f0_target_mean=${range(hertz, random).toFixed(0)}`,
        `duration_stretch=${range([0.75, 1.3], random).toFixed(2)}`,
      ].flatMap((setting) => ["--setf", setting]);
      return {
        program: "flite",
        argumentsOf: (digit, file) => ["-voice", voice, ...settings, "-t", words[digit]!, "-o", file],
      };
    }),
  );
}

/** How far below the loudest ten milliseconds is silence, and how much of it stays at either end. */
const [silenceBelowDb, keptSteps] = [32, 3];

/** Programs begin and end with more silence than recordings have. */
export function withoutSilence(samples: Float32Array, sampleRate: number): Float32Array {
  const step = Math.round(sampleRate / 100);
  const energies = Array.from({ length: Math.floor(samples.length / step) }, (_, i) =>
    samples.subarray(i * step, (i + 1) * step).reduce((sum, value) => sum + value * value, 0),
  );
  const least = Math.max(...energies) * 10 ** (-silenceBelowDb / 10);
  const first = energies.findIndex((energy) => energy >= least);
  const last = energies.findLastIndex((energy) => energy >= least);
  if (first < 0) return samples;
  return samples.slice(Math.max(0, first - keptSteps) * step, (last + 1 + keptSteps) * step);
}
