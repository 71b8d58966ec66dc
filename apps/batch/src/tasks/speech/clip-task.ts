// What the tasks that label a recording have in common on the command line.

import type { ModelSource } from "@saccade/model-files";
import type { Modality, Pipeline } from "@saccade/pipeline";
import { accuracyOf, type Audio, type ClipLabel } from "@saccade/speech-frames";
import { openPipeline } from "../open-pipeline.ts";
import type { Task } from "../task.ts";
import { audioOf } from "./audio-input.ts";
import { labelledRecordings, readRecording } from "./recordings.ts";

/** A task whose labels are in `column` of the data. */
export function clipTask(
  modality: Modality<Audio, ClipLabel, "set-label", object>,
  {
    summary,
    column,
    shipped,
  }: { readonly summary: string; readonly column: string; readonly shipped: ModelSource | undefined },
): Task {
  return {
    name: modality.name,
    summary,
    shipped,
    labelled: `columns file and ${column} between tabs, named in the first line, and the WAV files in a folder recordings beside it`,
    async open(options) {
      const pipeline = await openPipeline(modality, options);
      return {
        pipeline: pipeline as Pipeline<unknown, unknown>,
        inputOf: audioOf,
        fieldsOf: (output) => ({ ...(output as ClipLabel) }),
        evaluate: async ({ data, signal, onProgress }) => {
          const gold = labelledRecordings(data.text(), column);
          const found = await pipeline.run(
            gold.map(({ path }) => readRecording(path, (file) => data.beside(file).bytes())),
            { signal, onProgress: ({ percent }) => onProgress(percent / 100) },
          );
          const { value, count } = accuracyOf(
            gold.map(({ label }) => label),
            found.map(({ label }) => label),
          );
          return [{ metric: "accuracy", value, count, data: data.name }];
        },
      };
    },
  };
}
