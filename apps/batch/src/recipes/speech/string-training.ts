// One network for strings of digits with two heads: what is said at each position, whose alignment is known by
// construction, and which digits are said, by CTC. Each helps the other in training; a model that is written has one.

import type { RandomStream } from "@saccade/attention-core";
import {
  errorRateOf,
  fixedNormalization,
  logMelExtractor,
  positionTimes,
  type SpeechModelConfig,
} from "@saccade/speech-frames";
import { crossEntropy, ctc, type LossTerm } from "@saccade/training";
import {
  between,
  bySpeaker,
  type DigitString,
  evaluationStrings,
  joinDigits,
  labelsAt,
  range,
  type StringSettings,
} from "../../tasks/speech/joined-digits.ts";
import type { Recording } from "../../tasks/speech/recordings.ts";
import type { RecipeRun } from "../recipe.ts";
import { changeFrames, changeSpeed, type FrameChanges } from "./augment.ts";
import { digitLabels } from "./digits.ts";
import { type SpeechNetwork, speechNetwork, telephoneFrames, warpedFrames } from "./speech-network.ts";
import {
  type HeardClips,
  type SpeechSettings,
  type SpeechStep,
  type TrainedSpeech,
  trainSpeech,
} from "./train-speech.ts";

/** Of positions: nothing is said, or a digit. CTC has a blank in the place of nothing. */
export const stringLabels: readonly string[] = ["silence", ...digitLabels];

/**
 * A position for every other frame. One for each, behind convolutions along bands too, made 93.3 % of frames right for 92.6 and
 * 1.15 % of digits wrong for 1.40, for 2.5 times the work.
 */
const network: SpeechNetwork = { width: 96, layers: 3, feedForwardWidth: 192, strides: [2, 1], near: 1 };

/** What joined strings are in training: shorter than in evaluation, for more of them in the same time, and more varied. */
const strings: StringSettings = { digits: [2, 6], gapMs: [15, 250], noiseBelowDb: [10, 40], gainDb: [-14, 10] };

const changes: FrameChanges = {
  stretch: [1, 1],
  times: { count: 3, frames: 6, share: 0.1 },
  bands: { count: 2, bands: 6 },
  channel: 0.8,
};

/** Speeds of a speaker, and of single digits beside it. */
const speeds = { speaker: [0.88, 1.14], digit: [0.93, 1.07] } as const;
const warp = [0.9, 1.11] as const;

const settings: SpeechSettings = {
  epochs: 50,
  clips: 20,
  rate: 2e-3,
  decay: 0.02,
  averaging: 0.998,
  smoothing: 0.05,
  dropout: { branches: 0.1, hidden: 0.1, attention: 0 },
};

/** Strings in an epoch, at most; fewer of very few recordings. */
const epochStrings = { most: 1000, ofEachRecording: 2 };

/** How much CTC, which is a sum over a string, counts beside the mean over positions. */
const ctcWeight = 0.1;

interface StringExample {
  readonly frames: Float32Array;
  readonly string: DigitString;
}

/** What was trained, and the configuration of a model that labels positions. */
export interface TrainedStrings extends TrainedSpeech {
  readonly config: SpeechModelConfig;
}

/**
 * Trains the network, or goes on from its checkpoint, which is the same for either head. The metric is the mean of the
 * share of positions and of digits that are right on the strings of `dev`; the best of every few epochs is kept.
 */
export async function trainStrings(
  run: RecipeRun,
  train: readonly Recording[],
  dev: readonly Recording[],
): Promise<TrainedStrings> {
  const { sampleRate, bands } = telephoneFrames;
  const extract = logMelExtractor(telephoneFrames);
  const devStrings = evaluationStrings(dev, sampleRate);
  const labels = stringLabels.length;
  const config: SpeechModelConfig = {
    ...speechNetwork(network, bands, { kind: "position-labels", labels }),
    labels: stringLabels,
    frames: telephoneFrames,
    normalization: fixedNormalization(
      evaluationStrings(train, sampleRate).map(({ samples }) => extract(samples)),
      bands,
    ),
    pattern: { kind: "window", left: 16, right: 8 },
  };
  const goldOf = positionLabels(config);
  const warped = warpedFrames(telephoneFrames, warp);
  const draw = stringDrawer(train);
  const devFrames = devStrings.map(({ samples }) => extract(samples));
  const own = { ...settings, epochs: run.epochs ?? settings.epochs };
  const trained = await trainSpeech<StringExample>({
    name: "strings",
    config,
    auxiliaryLabels: labels,
    count: Math.min(epochStrings.most, epochStrings.ofEachRecording * train.length),
    example: (_, random) => {
      const string = draw(random);
      return { string, frames: changeFrames(warped(string.samples, random), bands, changes, random) };
    },
    terms: (step) => termsOf(step, goldOf),
    metric: async (hear) => stringMetric(run, hear, devFrames, devStrings, goldOf),
    metricEpochs: 4,
    settings: own,
    seed: run.seed,
    run,
  });
  return { ...trained, config };
}

/** Draws strings of one speaker each. */
function stringDrawer(recordings: readonly Recording[]): (random: RandomStream) => DigitString {
  const speakers = [...bySpeaker(recordings).values()];
  const choose = <T>(among: readonly T[], random: RandomStream): T =>
    among[Math.floor(among.length * random.uniform())]!;
  return (random) => {
    const speaker = choose(speakers, random);
    const speed = range(speeds.speaker, random);
    const parts = Array.from({ length: between(strings.digits, random) }, () => {
      const recording = choose(speaker, random);
      return { ...recording, samples: changeSpeed(recording.samples, speed * range(speeds.digit, random)) };
    });
    return joinDigits(parts, strings, telephoneFrames.sampleRate, random);
  };
}

/** What is said at each of the positions that `config` makes of a string. */
function positionLabels({ frames, stem }: SpeechModelConfig): (string: DigitString, positions: number) => Int32Array {
  const { center, step } = positionTimes(frames, stem);
  return (string, positions) => labelsAt(string, positions, center * frames.sampleRate, step * frames.sampleRate);
}

function termsOf(
  { examples, offsets, scores, auxiliary }: SpeechStep<StringExample>,
  goldOf: ReturnType<typeof positionLabels>,
): LossTerm[] {
  const gold = new Int32Array(offsets.at(-1)!);
  examples.forEach(({ string }, n) => gold.set(goldOf(string, offsets[n + 1]! - offsets[n]!), offsets[n]));
  const digits = examples.flatMap(({ string }) => string.digits.map((digit) => 1 + digit));
  const digitOffsets = new Int32Array(examples.length + 1);
  examples.forEach(({ string }, n) => (digitOffsets[n + 1] = digitOffsets[n]! + string.digits.length));
  const { smoothing } = settings;
  return [
    { scores, loss: (values) => crossEntropy(values, gold, { smoothing }) },
    {
      scores: auxiliary!,
      weight: ctcWeight,
      loss: (values) => ctc(values, offsets, { values: Int32Array.from(digits), offsets: digitOffsets }),
    },
  ];
}

/** Strings that are heard at once in evaluation. */
const heardAtOnce = 32;

async function stringMetric(
  run: RecipeRun,
  hear: (clips: readonly Float32Array[]) => Promise<HeardClips>,
  frames: readonly Float32Array[],
  gold: readonly DigitString[],
  goldOf: ReturnType<typeof positionLabels>,
): Promise<number> {
  let [right, positions] = [0, 0];
  const found: string[][] = [];
  for (let first = 0; first < gold.length; first += heardAtOnce) {
    const { scores, auxiliary, offsets } = await hear(frames.slice(first, first + heardAtOnce));
    const said = best(scores);
    const spelled = best(auxiliary);
    gold.slice(first, first + heardAtOnce).forEach((string, n) => {
      const [start, end] = [offsets[n]!, offsets[n + 1]!];
      goldOf(string, end - start).forEach((label, p) => (right += label === said[start + p] ? 1 : 0));
      positions += end - start;
      const labels = [...spelled.subarray(start, end)].filter((label, p, all) => label > 0 && label !== all[p - 1]);
      found.push(labels.map((label) => stringLabels[label]!));
    });
  }
  const { value: errors } = errorRateOf(
    gold.map(({ digits }) => digits.map(String)),
    found,
  );
  run.note(
    `strings: ${((100 * right) / positions).toFixed(2)} % of positions, digit error rate ${(100 * errors).toFixed(2)} %`,
  );
  return (right / positions + 1 - errors) / 2;
}

/** The label with the largest score in each row. */
function best(scores: Float32Array): Int32Array {
  const L = stringLabels.length;
  return Int32Array.from({ length: scores.length / L }, (_, row) => {
    let label = 0;
    for (let i = 1; i < L; i += 1) if (scores[row * L + i]! > scores[row * L + label]!) label = i;
    return label;
  });
}
