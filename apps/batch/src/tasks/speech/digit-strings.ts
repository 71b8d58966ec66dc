// The task speech/digit-strings on the command line. `evaluate` joins the recordings of its file to strings, the same each
// time; see `evaluationStrings`.

import { asyncDispose } from "@saccade/attention-core";
import { type DigitString, digitStrings, errorRateOf } from "@saccade/speech-frames";
import type { Pipeline } from "@saccade/pipeline";
import type { Figure } from "../../recipes/recipe.ts";
import { digitStringsModel } from "@saccade/speech-frames/models/digit-strings";
import { openPipeline } from "../open-pipeline.ts";
import type { Task } from "../task.ts";
import { audioOf } from "./audio-input.ts";
import { evaluationStrings } from "./joined-digits.ts";
import { fileOfRecordings, readRecordings } from "./recordings.ts";

/** Of telephone speech, in which the strings are joined. */
const sampleRate = 8000;

/** Which digits are said in a row. */
export const digitStringsTask: Task = {
  name: "speech/digit-strings",
  summary: "which digits are said in a row",
  shipped: digitStringsModel,
  labelled: `${fileOfRecordings}; they are joined to strings`,
  async open(options) {
    const pipeline = await openPipeline(digitStrings, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: audioOf,
      fieldsOf: (output) => ({ ...(output as DigitString) }),
      evaluate: async ({ data, signal, onProgress }) => {
        const recordings = readRecordings(data.text(), (path) => data.beside(path).bytes(), sampleRate);
        const gold = evaluationStrings(recordings, sampleRate);
        const inputs = gold.map(({ samples }) => ({ samples, sampleRate }));
        const said = gold.map(({ digits }) => digits.map(String));
        const ratesOf = async (by: typeof pipeline, search: string, done: number): Promise<Figure[]> => {
          const found = await by.run(inputs, { signal, onProgress: ({ percent }) => onProgress(done + percent / 200) });
          const rate = errorRateOf(
            said,
            found.map(({ labels }) => labels),
          );
          const share = rate.sequences === 0 ? 0 : rate.perfect / rate.sequences;
          return [
            {
              metric: `digit error rate, ${search}`,
              value: rate.value,
              better: "lower",
              count: rate.count,
              data: data.name,
            },
            { metric: `strings without error, ${search}`, value: share, count: rate.sequences, data: data.name },
          ];
        };
        const beam = await ratesOf(pipeline, "beam search", 0);
        const greedy = await openPipeline(digitStrings, { ...options, settings: { search: "greedy" } });
        try {
          return [...beam, ...(await ratesOf(greedy, "greedy", 0.5))];
        } finally {
          await greedy[asyncDispose]();
        }
      },
    };
  },
};
