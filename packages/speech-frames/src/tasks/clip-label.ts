// What tasks that say something of a whole recording have in common.

import { largestOf, modelNetwork } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import { type Audio, checkAudio } from "../audio/audio.ts";
import { openSpeechModel } from "../model/speech-model.ts";
import { clipBatch, positionsOfInput } from "./clip-batch.ts";
import { logProbabilitiesOf } from "../labels/log-probabilities.ts";

/** A label, and how probable it is. */
export interface LabelScore {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

/** The label of a recording, the most probable one, and all of them in the model's order. */
export interface ClipLabel extends LabelScore {
  readonly labels: readonly LabelScore[];
}

/** The task `name`, by a model that labels sets. */
export function clipLabelTask(name: string): Modality<Audio, ClipLabel, "set-label", object> {
  return {
    name,
    head: "set-label",
    settings: {},
    async open(files, _, signal) {
      const model = openSpeechModel(files, name, "set-label", signal);
      const { labels } = model.config;
      return {
        network: modelNetwork(model.config.model),
        positionsOf: (input) => positionsOfInput(model.config, input),
        featurize(inputs) {
          const { inputOfSet: _inputs, parts: _parts, ...features } = clipBatch(model, inputs.map(wholeOf), Infinity);
          return features;
        },
        decode: ({ values }, inputs) =>
          inputs.map((_, n): ClipLabel => {
            const logs = logProbabilitiesOf(values, [n], labels.length);
            const scores = labels.map((label, l): LabelScore => ({ label, score: Math.exp(logs[l]!) }));
            return { ...scores[largestOf(logs, 0, labels.length)]!, labels: scores };
          }),
      };
    },
  };
}

/** The recording without anything that else stands beside it. */
function wholeOf(input: Audio): Audio {
  const { samples, sampleRate } = checkAudio(input);
  return { samples, sampleRate };
}
