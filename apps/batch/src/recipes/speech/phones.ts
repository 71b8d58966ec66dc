// A phone for every frame of read English. Three minutes of one reader are what there is to learn from, which shows how a
// recipe on aligned speech goes and is no model for use: none is shipped. Measured, seed 1: 56.3 % of the development part's frames.

import type { ModelConfig } from "@saccade/attention-core";
import {
  fixedNormalization,
  type LogMelConfig,
  logMelExtractor,
  positionTimes,
  type SpeechModelConfig,
} from "@saccade/speech-frames";
import { crossEntropy } from "@saccade/training";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { type AlignedRecording, phonesAt, readAlignments } from "./alignments.ts";
import { changeFrames, type FrameChanges } from "./augment.ts";
import { type SpeechNetwork, speechNetwork, warpedFrames } from "./speech-network.ts";
import { type HeardClips, type SpeechSettings, trainSpeech } from "./train-speech.ts";

const trainFile = "train.alignments.jsonl";
const devFile = "dev.alignments.jsonl";

const frames: LogMelConfig = {
  sampleRate: 16_000,
  windowMilliseconds: 25,
  hopMilliseconds: 10,
  bands: 40,
  lowestHz: 60,
  highestHz: 7600,
};
const network: SpeechNetwork = { width: 96, layers: 2, feedForwardWidth: 192, strides: [2, 1], near: 1 };
const changes: FrameChanges = {
  stretch: [1, 1],
  times: { count: 4, frames: 8, share: 0.05 },
  bands: { count: 2, bands: 6 },
  channel: 0.5,
};
const settings: SpeechSettings = {
  epochs: 60,
  clips: 2,
  rate: 1.5e-3,
  decay: 0.05,
  averaging: 0.99,
  smoothing: 0.1,
  dropout: { branches: 0.2, hidden: 0.2, attention: 0.1 },
};

/** The recipe of `speech/phones`. */
export const phones: Recipe = {
  name: "speech/phones",
  summary: "a phone for every frame of read English, from three minutes: a measurement",
  data: [trainFile, devFile],
  card: {
    title: "Phones of read English, frame by frame",
    licence: "MIT",
    about: [
      "One of 38 ARPAbet phones without stress, or silence, for every 20 ms of English read by one voice. It learned from three minutes of her: a measurement, not a model for use.",
      "Trained on LJ001-0001 to -0026 of the LJ Speech Dataset (Ito and Johnson 2017, public domain), with alignments by the Montreal Forced Aligner, not corrected by hand (MIT).",
    ],
  },
  train: trainPhones,
};

async function trainPhones(run: RecipeRun): Promise<TrainedModel> {
  const [train, dev] = [trainFile, devFile].map((file) => readAlignments(run, file, frames.sampleRate)) as [
    AlignedRecording[],
    AlignedRecording[],
  ];
  const found = new Set(train.flatMap((recording) => recording.phones.map(({ label }) => label)));
  const labels = ["silence", ...[...found].filter((label) => label !== "silence").toSorted()];
  const extract = logMelExtractor(frames);
  const warped = warpedFrames(frames, [0.92, 1.09]);
  const head: ModelConfig["head"] = { kind: "position-labels", labels: labels.length };
  const config: SpeechModelConfig = {
    ...speechNetwork(network, frames.bands, head),
    labels,
    frames,
    normalization: fixedNormalization(
      train.map(({ samples }) => extract(samples)),
      frames.bands,
    ),
    pattern: { kind: "window", left: 16, right: 8 },
  };
  const { center, step } = positionTimes(config.frames, config.stem);
  const goldOf = (recording: AlignedRecording, count: number): number[] =>
    phonesAt(recording, count, center, step).map((label) => labels.indexOf(label));
  const devFrames = dev.map(({ samples }) => extract(samples));
  const { weights, metric, seconds } = await trainSpeech({
    name: "phones",
    config,
    count: train.length,
    example: (n, random) => ({
      recording: train[n]!,
      frames: changeFrames(warped(train[n]!.samples, random), frames.bands, changes, random),
    }),
    terms: ({ examples, offsets, scores }) => {
      const gold = Int32Array.from(
        examples.flatMap(({ recording }, n) => goldOf(recording, offsets[n + 1]! - offsets[n]!)),
      );
      return [{ scores, loss: (values) => crossEntropy(values, gold, { smoothing: settings.smoothing }) }];
    },
    metric: async (hear) => shareRight(await hear(devFrames), dev, goldOf),
    settings: { ...settings, epochs: run.epochs ?? settings.epochs },
    seed: run.seed,
    run,
  });
  const heard = dev.reduce((sum, { samples }) => sum + samples.length / frames.sampleRate, 0);
  return {
    config: { name: "speech/phones", ...config } as TrainedModel["config"],
    weights,
    seconds,
    files: {},
    figures: [{ metric: "frame accuracy", value: metric, count: Math.round(heard / step), data: devFile }],
  };
}

function shareRight(
  { scores, offsets }: HeardClips,
  recordings: readonly AlignedRecording[],
  goldOf: (recording: AlignedRecording, count: number) => readonly number[],
): number {
  const L = scores.length / offsets.at(-1)!;
  let right = 0;
  recordings.forEach((recording, n) => {
    goldOf(recording, offsets[n + 1]! - offsets[n]!).forEach((label, i) => {
      const own = scores.subarray((offsets[n]! + i) * L, (offsets[n]! + i + 1) * L);
      if (own.indexOf(Math.max(...own)) === label) right += 1;
    });
  });
  return right / offsets.at(-1)!;
}
