// What the recipes that label a clip have in common: recordings, augmentation, one network.

import { randomStream } from "@saccade/attention-core";
import { fixedNormalization, type LogMelConfig, logMelExtractor, type SpeechModelConfig } from "@saccade/speech-frames";
import { crossEntropy } from "@saccade/training";
import type { Recording } from "../../tasks/speech/recordings.ts";
import type { RecipeRun } from "../recipe.ts";
import { changeFrames, changeWaveform, type FrameChanges, type WaveformChanges } from "./augment.ts";
import { type SpeechNetwork, speechNetwork, warpedFrames } from "./speech-network.ts";
import { type HeardClips, type SpeechSettings, type TrainedSpeech, trainSpeech } from "./train-speech.ts";

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
  /** By the mean of each clip, or by mean and scale of all clips that are learned from. */
  readonly normalization: "utterance" | "fixed";
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

/** Trains a network on `train`; the metric is the share of `dev` that it labels rightly, once it is trained. */
export async function trainClips(
  run: RecipeRun,
  name: string,
  plan: ClipPlan,
  labels: readonly string[],
  train: readonly LabelledClip[],
  dev: readonly LabelledClip[],
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
    normalization: normalization === "fixed" ? fixedNormalization(framesOf(train), bands) : normalization,
    pattern: { kind: "full" },
  };
  const variantOf = variants(train, config, changes, run.seed);
  const settings = { ...plan.settings, epochs: run.epochs ?? plan.settings.epochs };
  const devFrames = framesOf(dev);
  const trained = await trainSpeech({
    name,
    config,
    count: train.length,
    example: (n, random) => {
      const variant = variantOf(n, Math.floor(changes.variants * random.uniform()));
      return { frames: changeFrames(variant, bands, changes.frames, random), label: train[n]!.label };
    },
    terms: ({ examples, scores }) => {
      const gold = Int32Array.from(examples, ({ label }) => label);
      const { smoothing } = settings;
      return [{ scores, loss: (values) => crossEntropy(values, gold, { smoothing }) }];
    },
    metric: async (hear) => shareRight(await hear(devFrames), dev),
    settings,
    seed: run.seed,
    run,
  });
  return { ...trained, config };
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

function shareRight({ scores }: HeardClips, clips: readonly LabelledClip[]): number {
  const labels = scores.length / clips.length;
  const right = clips.filter(({ label }, n) => {
    const own = scores.subarray(n * labels, (n + 1) * labels);
    return own.indexOf(Math.max(...own)) === label;
  });
  return right.length / clips.length;
}
