// A sequence of labels for a recording: the digits that are said, one after another.

import { modelNetwork, ModelMismatchError } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import { checkCtcSettings, searchCtc } from "../ctc/create-search.ts";
import type { CtcSettings } from "../ctc/ctc-search.ts";
import { logProbabilitiesOf } from "../labels/log-probabilities.ts";
import { openSpeechModel } from "../model/speech-model.ts";
import { asClipBatch, clipBatch, positionsOfInput, rowsOfInputs } from "./clip-batch.ts";
import { excerptOf, type SpeechInput } from "./excerpt.ts";
import { checkLongAudioSettings, type LongAudioSettings, longAudioSettings } from "./settings.ts";

/** What is said in a recording. */
export interface DigitString {
  /** The labels end to end if each is one character, else with spaces between them. */
  readonly text: string;
  readonly labels: readonly string[];
  /** Of the labels (beam) or of the best path to them (greedy): a probability, natural logarithm. */
  readonly logProbability: number;
  /** exp(logProbability), 0 to 1; 0 for what is very long. */
  readonly score: number;
  /** Of an excerpt alone: logarithms of the probabilities of its positions [K, L], from which a stream reads on. */
  readonly logProbabilities?: Float32Array;
}

/** Settings of `digitStrings`. */
export interface DigitStringSettings extends CtcSettings, LongAudioSettings {}

/**
 * `speech/digit-strings`: the digits that are said in each recording, or the labels of any model that was trained by CTC,
 * whose first label is the blank. Inputs are as in `frames`.
 */
export const digitStrings: Modality<SpeechInput, DigitString, "position-labels", DigitStringSettings> = {
  name: "speech/digit-strings",
  head: "position-labels",
  settings: { ...longAudioSettings, search: "beam", beams: 8 },
  async open(files, settings, signal) {
    checkLongAudioSettings("speech/digit-strings", settings);
    checkCtcSettings("speech/digit-strings", settings);
    const model = openSpeechModel(files, "speech/digit-strings", "position-labels", signal);
    const { labels } = model.config;
    if (labels.length < 2) {
      throw new ModelMismatchError(
        `Cannot open model "${files.name}" as speech/digit-strings: labels must be a blank and one or more, there are ${labels.length}`,
      );
    }
    return {
      network: modelNetwork(model.config.model),
      positionsOf: (input) => positionsOfInput(model.config, input),
      featurize: (inputs) => clipBatch(model, inputs, settings.longest),
      decode({ values }, inputs, features) {
        const rows = rowsOfInputs(asClipBatch(features), inputs.length);
        return inputs.map((input, n): DigitString => {
          const logProbabilities = logProbabilitiesOf(values, rows[n]!, labels.length);
          const found = searchCtc(logProbabilities, labels.length, settings);
          const names = Array.from(found.labels, (label) => labels[label]!);
          const string = digitString(names, found.logProbability);
          return excerptOf(input) ? { ...string, logProbabilities } : string;
        });
      },
    };
  },
};

/** The output for labels that were found. */
export function digitString(labels: readonly string[], logProbability: number): DigitString {
  const between = labels.every((label) => label.length === 1) ? "" : " ";
  return { text: labels.join(between), labels, logProbability, score: Math.exp(logProbability) };
}
