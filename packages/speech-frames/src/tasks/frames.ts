// A label for each position of a recording, and segments of equal ones.

import { largestOf, modelNetwork } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import { type Segment, segmenter } from "../labels/segments.ts";
import { openSpeechModel } from "../model/speech-model.ts";
import { positionTimes } from "../model/subsampling.ts";
import { asClipBatch, clipBatch, positionsOfInput, rowsOfInputs } from "./clip-batch.ts";
import { excerptOf, type SpeechInput } from "./excerpt.ts";
import { logProbabilitiesOf } from "../labels/log-probabilities.ts";
import { checkLongAudioSettings, type LongAudioSettings, longAudioSettings } from "./settings.ts";

/** A recording with a label for each of its P positions. */
export interface FrameLabels {
  /** From the beginning to the end, without gaps. Of an excerpt none: a stream groups them. */
  readonly segments: readonly Segment[];
  /** [P], the most probable label of each position. */
  readonly labels: readonly string[];
  /** [P], its probability, 0 to 1. */
  readonly scores: Float32Array;
  /** The middle of the first position, in seconds from the beginning of the recording. */
  readonly firstSeconds: number;
  /** From one position to the next. */
  readonly stepSeconds: number;
}

/**
 * `speech/frames`: what is said at each moment, by a model that labels positions (a frame each, or several where the stem
 * subsamples), grouped into segments. Inputs are as in `digits`, and excerpts that `createSpeechStream` makes. A recording
 * has any length.
 */
export const frames: Modality<SpeechInput, FrameLabels, "position-labels", LongAudioSettings> = {
  name: "speech/frames",
  head: "position-labels",
  settings: longAudioSettings,
  async open(files, settings, signal) {
    checkLongAudioSettings("speech/frames", settings);
    const model = openSpeechModel(files, "speech/frames", "position-labels", signal);
    const { labels, frames: frameConfig, stem } = model.config;
    const times = positionTimes(frameConfig, stem);
    return {
      network: modelNetwork(model.config.model),
      positionsOf: (input) => positionsOfInput(model.config, input),
      featurize: (inputs) => clipBatch(model, inputs, settings.longest),
      decode({ values }, inputs, features) {
        const rows = rowsOfInputs(asClipBatch(features), inputs.length);
        return inputs.map((input, n): FrameLabels => {
          const excerpt = excerptOf(input);
          const logs = logProbabilitiesOf(values, rows[n]!, labels.length);
          const best = rows[n]!.map((_, i) => largestOf(logs, i * labels.length, labels.length));
          const names = best.map((label) => labels[label]!);
          const scores = Float32Array.from(best, (label, i) => Math.exp(logs[i * labels.length + label]!));
          const groups = segmenter(times);
          return {
            segments: excerpt
              ? []
              : [...groups.push(names, scores), ...groups.finish(input.samples.length / input.sampleRate)],
            labels: names,
            scores,
            firstSeconds: times.center + (excerpt?.keep.from ?? 0) * times.step,
            stepSeconds: times.step,
          };
        });
      },
    };
  },
};
