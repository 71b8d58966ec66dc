// Features of a batch through the model: scores, outputs, and maps where they are asked for.

import { checkOutputs, checkScores } from "./check-features.ts";
import type { Device } from "./device.ts";
import type { ExplainRequest, SetMaps } from "./maps.ts";
import type { ModalityFeatures, Processor } from "./modality.ts";
import type { Explained } from "./pipeline.ts";
import { scoreFeatures } from "./score-features.ts";

/** What runs batches. */
export interface Runner<Input, Output> {
  readonly task: string;
  readonly processor: Processor<Input, Output>;
  readonly device: Device;
  readonly maxPositionsPerBatch: number;
}

/** How a batch is computed. */
export interface ComputeOptions {
  readonly signal: AbortSignal;
  /** The share of the batch that is done, 0 to 1. */
  readonly onShare: (share: number) => void;
  readonly explain?: ExplainRequest | undefined;
}

/**
 * One output per input. Throws what the workspace and `decode` throw, `RangeError` for scores that are not finite, and
 * rejects as `Device.use`.
 */
export async function computeBatch<Input, Output>(
  { task, processor, device, maxPositionsPerBatch }: Runner<Input, Output>,
  inputs: readonly Input[],
  features: ModalityFeatures,
  options: ComputeOptions,
): Promise<Explained<Output>[]> {
  const { scores, sets } = await scoreFeatures(device, processor.network, features, maxPositionsPerBatch, options);
  checkScores(scores.values);
  const outputs = processor.decode(scores, inputs, features);
  checkOutputs(task, outputs, inputs.length);
  const { inputOfSet } = features;
  const setsOfInput: SetMaps[][] = inputs.map(() => []);
  sets.forEach((maps, set) => setsOfInput[inputOfSet?.[set] ?? set]!.push(maps));
  return outputs.map((output, i) => ({ output, sets: setsOfInput[i]! }));
}
