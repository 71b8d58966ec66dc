// What the recipes that label a clip have in common: recordings, augmentation, one network.

import { type RandomStream, randomStream } from "@saccade/attention-core";
import {
  fixedNormalization,
  type FrameLevel,
  type LogMelConfig,
  logMelExtractor,
  type SpeechModelConfig,
} from "@saccade/speech-frames";
import { crossEntropy } from "@saccade/training";
import type { Recording } from "../../tasks/speech/recordings.ts";
import type { RecipeRun } from "../recipe.ts";
import { changeFrames, changeWaveform, type FrameChanges, type WaveformChanges } from "./augment.ts";
import { type SpeechNetwork, speechNetwork, warpedFrames } from "./speech-network.ts";
import { type SpeechSettings, type TrainedSpeech, trainSpeech } from "./train-speech.ts";

/** What is changed of recordings, each time that they are heard in training. */
export interface ClipChanges {
  /** How many times a waveform is changed, each at its first use. */
  readonly variants: number;
  readonly waveform: WaveformChanges;
  readonly warp: readonly [least: number, most: number];
  /** Of a variant, anew each time. */
  readonly frames: FrameChanges;
}

/** A network for clips, and how to train it. */
export interface ClipPlan {
  readonly frames: LogMelConfig;
  readonly network: SpeechNetwork;
  /** By the mean of each clip, by mean and scale of all clips that are learned from, or so once each is told from its level. */
  readonly normalization: "utterance" | "fixed" | FrameLevel;
  readonly changes: ClipChanges;
  readonly settings: SpeechSettings;
}

/** A recording and the number of its label. */
export interface LabelledClip {
  readonly samples: Float32Array;
  readonly label: number;
}

/** Labelled clips of recordings, `labelOf` giving the number of each one's label. */
export function clipsOf(recordings: readonly Recording[], labelOf: (recording: Recording) => number): LabelledClip[] {
  return recordings.map((recording) => ({ samples: recording.samples, label: labelOf(recording) }));
}

/**
 * Trains a network on `train`; the metric is the share of `dev` that it labels rightly, once it is trained. Of `more`, where
 * there are any, each epoch hears as many as of `train`, of each list equally many.
 */
export async function trainClips(
  run: RecipeRun,
  name: string,
  plan: ClipPlan,
  labels: readonly string[],
  train: readonly LabelledClip[],
  dev: readonly LabelledClip[],
  more: readonly (readonly LabelledClip[])[] = [],
): Promise<TrainedSpeech & { readonly config: SpeechModelConfig }> {
  const { changes, frames, network, normalization } = plan;
  const { bands } = frames;
  const extract = logMelExtractor(frames);
  const framesOf = (clips: readonly LabelledClip[]): Float32Array[] => clips.map(({ samples }) => extract(samples));
  const head = { kind: "set-label", labels: labels.length, pooling: { kind: "attention", heads: 4 } } as const;
  const config: SpeechModelConfig = {
    ...speechNetwork(network, bands, head),
    labels,
    frames,
    normalization:
      normalization === "utterance"
        ? normalization
        : fixedNormalization(framesOf(train), bands, normalization === "fixed" ? undefined : normalization),
    pattern: { kind: "full" },
  };
  const clips = [train, ...more].flat();
  const drawMore = clipDrawer(
    train.length,
    more.map((list) => list.length),
  );
  const variantOf = variants(clips, config, changes, run.seed);
  const settings = { ...plan.settings, epochs: run.epochs ?? plan.settings.epochs };
  const devFrames = framesOf(dev);
  const trained = await trainSpeech({
    name,
    config,
    count: more.length > 0 ? 2 * train.length : train.length,
    example: (n, random) => {
      const clip = n < train.length ? n : drawMore(random);
      const variant = variantOf(clip, Math.floor(changes.variants * random.uniform()));
      return { frames: changeFrames(variant, bands, changes.frames, random), label: clips[clip]!.label };
    },
    terms: ({ examples, scores }) => {
      const gold = Int32Array.from(examples, ({ label }) => label);
      const { smoothing } = settings;
      return [{ scores, loss: (values) => crossEntropy(values, gold, { smoothing }) }];
    },
    metric: async (hear) => shareRight((await hear(devFrames)).scores, dev),
    settings,
    seed: run.seed,
    run,
  });
  return { ...trained, config };
}

/** Draws numbers of clips: a list, all alike, and one of its clips. The first list begins at number `first`. */
function clipDrawer(first: number, lengths: readonly number[]): (random: RandomStream) => number {
  const starts = lengths.map((_, list) => lengths.slice(0, list).reduce((sum, length) => sum + length, first));
  return (random) => {
    const list = Math.floor(lengths.length * random.uniform());
    return starts[list]! + Math.floor(lengths[list]! * random.uniform());
  };
}

/** Frames of variant `v` of clip `n`: a function of both and the seed, whatever the order. Kept: frames cost as much as a step. */
function variants(
  clips: readonly LabelledClip[],
  { frames }: SpeechModelConfig,
  changes: ClipChanges,
  seed: number,
): (n: number, v: number) => Float32Array {
  const warped = warpedFrames(frames, changes.warp);
  const made: Float32Array[] = [];
  return (n, v) => {
    const random = randomStream(seed, `clip ${n}, variant ${v}`);
    return (made[n * changes.variants + v] ??= warped(
      changeWaveform(clips[n]!.samples, changes.waveform, frames.sampleRate, random),
      random,
    ));
  };
}

/** The share of `clips` whose label has the highest of its `scores` [N, L]. */
export function shareRight(scores: Float32Array, clips: readonly LabelledClip[]): number {
  const labels = scores.length / clips.length;
  const right = clips.filter(({ label }, n) => {
    const own = scores.subarray(n * labels, (n + 1) * labels);
    return own.indexOf(Math.max(...own)) === label;
  });
  return right.length / clips.length;
}
