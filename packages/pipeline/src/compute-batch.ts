// Features of a batch through the model: scores, outputs, and maps where they are asked for.

import { dispose, type HeadScores, readScores } from "@saccade/attention-core";
import { batchMapRequest, readMaps } from "./batch-maps.ts";
import { checkOutputs, checkScores } from "./check-features.ts";
import type { LoadedModel } from "./device.ts";
import type { ExplainRequest, SetMaps } from "./maps.ts";
import type { LabelHead, ModalityFeatures, Processor } from "./modality.ts";
import type { Explained } from "./pipeline.ts";

/** How a batch is computed. */
export interface ComputeOptions {
  readonly signal: AbortSignal;
  /** The share of the batch that is done, 0 to 1. */
  readonly onShare: (share: number) => void;
  readonly explain?: ExplainRequest | undefined;
}

/** One output per input. Throws what the workspace and `decode` throw, and `RangeError` for scores that are not finite. */
export async function computeBatch<Input, Output>(
  task: string,
  processor: Processor<Input, Output>,
  loaded: LoadedModel,
  inputs: readonly Input[],
  features: ModalityFeatures,
  options: ComputeOptions,
): Promise<Explained<Output>[]> {
  const { scores, sets } = await scoreFeatures(loaded, processor, features, options);
  checkScores(scores.values);
  const outputs = processor.decode(scores, inputs, features);
  checkOutputs(task, outputs, inputs.length);
  const { inputOfSet } = features;
  const setsOfInput: SetMaps[][] = inputs.map(() => []);
  sets.forEach((maps, set) => setsOfInput[inputOfSet?.[set] ?? set]!.push(maps));
  return outputs.map((output, i) => ({ output, sets: setsOfInput[i]! }));
}

async function scoreFeatures<Input, Output>(
  { backend, run }: LoadedModel,
  { network }: Processor<Input, Output>,
  features: ModalityFeatures,
  { signal, onShare, explain }: ComputeOptions,
): Promise<{ scores: HeadScores[LabelHead]; sets: readonly SetMaps[] }> {
  const { offsets } = features;
  const { labels } = network.head;
  if (offsets.length === 1) return { scores: { values: new Float32Array(0), labels, offsets }, sets: [] };
  const workspace = backend.workspace(signal);
  try {
    const result = await run(backend, workspace, features, {
      onProgress: (done, total) => onShare(done / (total + 1)),
      ...(explain && batchMapRequest(explain, features, network)),
    });
    const scores = await readScores(workspace, network, result, offsets);
    onShare(1);
    const sets = explain ? await readMaps(workspace, backend, network, features, result, explain) : [];
    return { scores, sets };
  } finally {
    workspace[dispose]();
  }
}
