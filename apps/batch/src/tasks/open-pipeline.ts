// How tasks open their pipelines: as `createPipeline` does, with another one beside it where two backends are compared.

import { asyncDispose } from "@saccade/attention-core";
import { createPipeline, type LabelHead, type Modality, type Pipeline } from "@saccade/pipeline";
import { compareOutputs } from "./compare-outputs.ts";
import type { OpenTask, SecondBackend } from "./task.ts";

/** What a task opens a pipeline with. */
export interface OpenPipeline<Settings extends object> extends OpenTask {
  readonly settings?: Partial<Settings>;
}

/** A pipeline of `modality`. Rejects as `createPipeline` does. */
export async function openPipeline<Input, Output, H extends LabelHead, Settings extends object>(
  modality: Modality<Input, Output, H, Settings>,
  { second, ...options }: OpenPipeline<Settings>,
): Promise<Pipeline<Input, Output>> {
  const pipeline = await createPipeline(modality, options);
  if (second === undefined) return pipeline;
  try {
    const other = await createPipeline(modality, { ...options, backends: second.backends });
    second.onOpen(other.backend);
    return besideEachOther(pipeline, other, second);
  } catch (error) {
    await pipeline[asyncDispose]();
    throw error;
  }
}

/** `pipeline`, whose runs go through `other` too; what comes of it is compared. */
function besideEachOther<Input, Output>(
  pipeline: Pipeline<Input, Output>,
  other: Pipeline<Input, Output>,
  { limit, comparison }: SecondBackend,
): Pipeline<Input, Output> {
  return {
    name: pipeline.name,
    get backend() {
      return pipeline.backend;
    },
    explain: (inputs, request, options) => pipeline.explain(inputs, request, options),
    stream: (inputs, options) => pipeline.stream(inputs, options),
    async run(inputs, options = {}) {
      const { signal, onProgress } = options;
      const half = (from: number): typeof onProgress =>
        onProgress && ((progress) => onProgress({ ...progress, percent: from + progress.percent / 2 }));
      const outputs = await pipeline.run(inputs, { ...options, onProgress: half(0) });
      const compared = inputs.slice(0, limit);
      const others = await other.run(compared, { signal, onProgress: half(50) });
      others.forEach((output, n) => compareOutputs(outputs[n], output, comparison));
      return outputs;
    },
    async [asyncDispose]() {
      await pipeline[asyncDispose]();
      await other[asyncDispose]();
    },
  };
}
