// Samples through shipped models, on WASM and then on the reference. A model that is not there is named, and the others go on.

import { asyncDispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { ModelFileError, type ModelSource, openModel } from "@saccade/model-files";
import { createPipeline, type LabelHead, type Modality, type OpenBackend, type Pipeline } from "@saccade/pipeline";
import { largestDifference } from "./backends.ts";

/** What was read, all samples together. */
export interface ReadingSummary {
  /** Names and sizes of the models that were there. */
  readonly models: readonly { readonly name: string; readonly bytes: number }[];
  /** What is missing, a sentence each. */
  readonly missing: readonly string[];
  /** Of opening the models and running them, comparison left out. */
  readonly milliseconds: number;
  /** The largest difference to the reference, and in how many numbers. */
  readonly difference: number;
  readonly numbers: number;
}

/** A result, and the numbers that it was made of. */
export interface Reading<T> {
  readonly result: T;
  readonly numbers: readonly number[];
}

/** Reads one model's samples after another's. */
export interface SampleReader {
  /**
   * What `body` makes of a pipeline of `task`; null without the model, which then goes by `name`. Rejects with the reason of the signal, or for a
   * model that is damaged.
   */
  read<Input, Output, H extends LabelHead, Settings extends object, T>(
    task: Modality<Input, Output, H, Settings>,
    source: ModelSource,
    body: (pipeline: Pipeline<Input, Output>) => Promise<Reading<T>>,
    name?: string,
  ): Promise<T | null>;
  summary(): ReadingSummary;
}

/** A reader, with nothing read. */
export function sampleReader(signal: AbortSignal): SampleReader {
  const models: { readonly name: string; readonly bytes: number }[] = [];
  const missing: string[] = [];
  let [milliseconds, difference, numbers] = [0, 0, 0];
  return {
    async read(task, source, body, name = task.name) {
      const begin = performance.now();
      const on = async (backend: OpenBackend, model: Awaited<ReturnType<typeof openModel>>) => {
        const pipeline = await createPipeline(task, { model, backends: [backend], signal });
        try {
          return await body(pipeline);
        } finally {
          await pipeline[asyncDispose]();
        }
      };
      try {
        const model = await openModel(source, { signal });
        const made = await on(() => createWasmBackend({ threads: 1 }), model);
        milliseconds += performance.now() - begin;
        const expected = await on(async () => createReferenceBackend(), model);
        models.push({ name: model.name, bytes: model.files.reduce((sum, file) => sum + file.bytes, 0) });
        numbers += made.numbers.length;
        difference = Math.max(
          difference,
          largestDifference([Float32Array.from(made.numbers)], [Float32Array.from(expected.numbers)]),
        );
        return made.result;
      } catch (error) {
        if (!(error instanceof ModelFileError) || error.code !== "file-missing") throw error;
        missing.push(`The model of ${name} is missing: ${error.message}`);
        return null;
      }
    },
    summary: () => ({ models, missing, milliseconds, difference, numbers }),
  };
}
