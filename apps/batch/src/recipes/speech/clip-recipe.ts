// What the recipes that label a clip have in common: recordings, augmentation, one network.

import { logMelExtractor, type SpeechModelConfig } from "@saccade/speech-frames";
import { crossEntropy } from "@saccade/training";
import type { Recording } from "../../tasks/speech/recordings.ts";
import type { RecipeRun } from "../recipe.ts";
import { changeFrames, changeWaveform, type FrameChanges, type WaveformChanges } from "./augment.ts";
import { type SpeechNetwork, speechNetwork, telephoneFrames, warpedFrames } from "./speech-network.ts";
import { type HeardClips, type SpeechSettings, type TrainedSpeech, trainSpeech } from "./train-speech.ts";

/** What is changed of recordings, each time that they are heard in training. */
export interface ClipChanges {
  readonly waveform: WaveformChanges;
  readonly warp: readonly [least: number, most: number];
  readonly frames: FrameChanges;
}

/** A network for clips, and how to train it. */
export interface ClipPlan {
  readonly network: SpeechNetwork;
  readonly normalization: "utterance" | "none" | Exclude<SpeechModelConfig["normalization"], string>;
  readonly changes: ClipChanges;
  readonly settings: SpeechSettings;
}

/** A recording and the number of its label. */
export interface LabelledClip {
  readonly samples: Float32Array;
  readonly label: number;
}

/** The configuration of a model that gives clips one of `labels`. */
export function clipConfig({ network, normalization }: ClipPlan, labels: readonly string[]): SpeechModelConfig {
  const head = { kind: "set-label", labels: labels.length, pooling: { kind: "attention", heads: 4 } } as const;
  return {
    ...speechNetwork(network, telephoneFrames.bands, head),
    labels,
    frames: telephoneFrames,
    normalization,
    pattern: { kind: "full" },
  };
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
  const { changes } = plan;
  const config = clipConfig(plan, labels);
  const { sampleRate, bands } = config.frames;
  const warped = warpedFrames(config.frames, changes.warp);
  const settings = { ...plan.settings, epochs: run.epochs ?? plan.settings.epochs };
  const extract = logMelExtractor(config.frames);
  const devFrames = dev.map(({ samples }) => extract(samples));
  const trained = await trainSpeech({
    name,
    config,
    count: train.length,
    example: (n, random) => {
      const { samples, label } = train[n]!;
      const changed = changeWaveform(samples, changes.waveform, sampleRate, random);
      return { frames: changeFrames(warped(changed, random), bands, changes.frames, random), label };
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

function shareRight({ scores }: HeardClips, clips: readonly LabelledClip[]): number {
  const labels = scores.length / clips.length;
  const right = clips.filter(({ label }, n) => {
    const own = scores.subarray(n * labels, (n + 1) * labels);
    return own.indexOf(Math.max(...own)) === label;
  });
  return right.length / clips.length;
}
