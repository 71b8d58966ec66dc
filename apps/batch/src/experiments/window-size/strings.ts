// Strings of spoken digits with a label for every position, and a small network that gives it.

import { randomStream } from "@saccade/attention-core";
import {
  fixedNormalization,
  logMelExtractor,
  positionTimes,
  speechFeatures,
  type SpeechModelConfig,
  type SpeechPattern,
} from "@saccade/speech-frames";
import type { DataFile } from "../../records/data-file.ts";
import { stringLabels as labels } from "../../recipes/speech/string-training.ts";
import { speechNetwork, telephoneFrames } from "../../recipes/speech/speech-network.ts";
import { type DigitString, evaluationStrings, labelsAt } from "../../tasks/speech/joined-digits.ts";
import { type Recording, readRecordings } from "../../tasks/speech/recordings.ts";
import type { LabelledBatch } from "../training/train-labeller.ts";

/** Files of the recordings, from the folder of `--data`. */
export const digitFiles = ["fsdd/train.tsv", "fsdd/dev.tsv"] as const;

/** Log-mel frames [T, M] of a string, and a label for each of the positions that they become. */
export interface LabelledString {
  readonly frames: Float32Array;
  readonly labels: Int32Array;
}

/** Strings to learn from and to measure by, and the network for them. */
export interface StringData {
  /** Its pattern is full. */
  readonly config: SpeechModelConfig;
  readonly train: readonly LabelledString[];
  readonly dev: readonly LabelledString[];
  /** Of the strings to learn from. */
  readonly seconds: number;
}

/** Reads recordings and joins them: every `nth` of the strings that they make. */
export function readStrings(data: (path: string) => DataFile, nth: number): StringData {
  const { sampleRate, bands } = telephoneFrames;
  const [train, dev] = digitFiles.map((path): DigitString[] => {
    const recordings = readRecordings(data(path).text(), (file) => data(`fsdd/${file}`).bytes(), sampleRate);
    return evaluationStrings(recordings satisfies Recording[], sampleRate).filter((_, n) => n % nth === 0);
  });
  const extract = logMelExtractor(telephoneFrames);
  const framesOf = (strings: readonly DigitString[]): Float32Array[] => strings.map(({ samples }) => extract(samples));
  const [trainFrames, devFrames] = [framesOf(train!), framesOf(dev!)];
  const network = { width: 64, layers: 2, feedForwardWidth: 128, strides: [2, 2], near: 0 } as const;
  const config: SpeechModelConfig = {
    ...speechNetwork(network, bands, { kind: "position-labels", labels: labels.length }),
    labels,
    frames: telephoneFrames,
    normalization: fixedNormalization(trainFrames, bands),
    pattern: { kind: "full" },
  };
  const label = (strings: readonly DigitString[], frames: readonly Float32Array[]): LabelledString[] =>
    strings.map((string, n) => ({ frames: frames[n]!, labels: labelsOf(config, string, frames[n]!) }));
  return {
    config,
    train: label(train!, trainFrames),
    dev: label(dev!, devFrames),
    seconds: train!.reduce((sum, { samples }) => sum + samples.length, 0) / sampleRate,
  };
}

/** `strings` as one batch; positions attend by `pattern`. */
export function gatherStrings(
  config: SpeechModelConfig,
  strings: readonly LabelledString[],
  pattern: SpeechPattern,
): LabelledBatch {
  const features = speechFeatures(
    { ...config, pattern },
    strings.map(({ frames }) => frames),
  );
  const all = new Int32Array(features.offsets.at(-1)!);
  strings.forEach((string, n) => all.set(string.labels, features.offsets[n]));
  return { features, labels: all };
}

/** Frames as loud and as long as `seconds` of sound, of noise: what they hold does not change what they cost. */
export function noiseFrames({ frames: { bands, hopMilliseconds } }: SpeechModelConfig, seconds: number): Float32Array {
  const random = randomStream(1, "frames");
  const count = Math.round((1000 * seconds) / hopMilliseconds);
  return Float32Array.from({ length: count * bands }, () => 2 * random.uniform() - 1);
}

function labelsOf(config: SpeechModelConfig, string: DigitString, frames: Float32Array): Int32Array {
  const { sampleRate } = config.frames;
  const { center, step } = positionTimes(config.frames, config.stem);
  const positions = speechFeatures(config, [frames]).offsets[1]!;
  return labelsAt(string, positions, center * sampleRate, step * sampleRate);
}
