// One batch through a task: rows, scores, outputs; and what can go wrong on the way.

import {
  type AttentionPlan,
  DeviceLostError,
  dispose,
  type HeadScores,
  offsetsOf,
  OutOfMemoryError,
  readScores,
  runModel,
} from "@saccade/attention-core";
import type { Batch } from "./batches.ts";
import type { Device, LoadedModel } from "./device.ts";
import { InputError } from "./errors.ts";
import { type ExplainRequest, mapRequestOf, readMaps, type SetMaps } from "./maps.ts";
import type { LabelHead, ModalityFeatures, Processor } from "./modality.ts";
import type { Explained } from "./pipeline.ts";

/** How a batch runs. */
export interface BatchOptions<Output> {
  readonly signal: AbortSignal;
  /** The share of the batch that is done, 0 to 1. */
  readonly onShare: (share: number) => void;
  readonly onInputError: ((error: InputError) => Output) | undefined;
  readonly explain?: ExplainRequest | undefined;
}

/** The outputs of `batch`, with maps where they are asked for. */
export async function runBatch<Input, Output>(
  device: Device,
  task: string,
  processor: Processor<Input, Output>,
  batch: Batch<Input>,
  options: BatchOptions<Output>,
): Promise<Explained<Output>[]> {
  const { features, taken, refused } = featurizeOrSort(task, processor, batch, options.onInputError);
  const outputs = new Map<number, Explained<Output>>();
  for (const [index, output] of refused) outputs.set(index, { output, sets: [] });
  if (features) {
    const results = await runFeatures(
      device,
      processor,
      taken.map((i) => batch.inputs[i]!),
      features,
      options,
    );
    if (results === "too-large") {
      const parts = await runHalves(device, task, processor, batch, options);
      return parts;
    }
    results.forEach((result, n) => outputs.set(taken[n]!, result));
  }
  return batch.inputs.map((_, i) => outputs.get(i)!);
}

interface Sorted<Output> {
  readonly features: ModalityFeatures | null;
  readonly taken: readonly number[];
  readonly refused: ReadonlyMap<number, Output>;
}

/** Features of the batch; if it throws, of the inputs that do not throw alone, and what stands in place of the others. */
function featurizeOrSort<Input, Output>(
  task: string,
  processor: Processor<Input, Output>,
  { inputs, first }: Batch<Input>,
  onInputError: ((error: InputError) => Output) | undefined,
): Sorted<Output> {
  try {
    return { features: processor.featurize(inputs), taken: inputs.map((_, i) => i), refused: new Map() };
  } catch (error) {
    const taken: number[] = [];
    const refused = new Map<number, Output>();
    for (const [i, input] of inputs.entries()) {
      try {
        processor.featurize([input]);
        taken.push(i);
      } catch (cause) {
        const refusal = new InputError(task, first + i, cause);
        if (!onInputError) throw refusal;
        refused.set(i, onInputError(refusal));
      }
    }
    if (refused.size === 0) throw error;
    return { features: taken.length > 0 ? processor.featurize(taken.map((i) => inputs[i]!)) : null, taken, refused };
  }
}

/** Runs features on the device, again on another one if it is lost; "too-large" where memory does not suffice for several inputs. */
async function runFeatures<Input, Output>(
  device: Device,
  processor: Processor<Input, Output>,
  inputs: readonly Input[],
  features: ModalityFeatures,
  options: BatchOptions<Output>,
): Promise<Explained<Output>[] | "too-large"> {
  let loaded = await device.loaded;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      const { scores, sets } = await computeScores(loaded, processor, features, options);
      const outputs = processor.decode(scores, inputs, features);
      const bySets = gatherSets(sets, features, inputs.length);
      return outputs.map((output, i) => ({ output, sets: bySets[i]! }));
    } catch (error) {
      if (error instanceof DeviceLostError || device.wasReplaced(loaded))
        loaded = await device.replace(loaded, String(error));
      else if (error instanceof OutOfMemoryError && inputs.length > 1) return "too-large";
      else throw error;
    }
  }
}

async function computeScores<Input, Output>(
  { backend, weights }: LoadedModel,
  { model }: Processor<Input, Output>,
  features: ModalityFeatures,
  { signal, onShare, explain }: BatchOptions<Output>,
): Promise<{ scores: HeadScores[LabelHead]; sets: readonly SetMaps[] }> {
  const workspace = backend.workspace(signal);
  try {
    const result = await runModel(backend, workspace, model, weights, features, {
      onProgress: (done, total) => onShare(done / (total + 1)),
      ...(explain && { maps: mapRequestOf(explain) }),
    });
    const scores = await readScores(workspace, model, result, features.offsets);
    onShare(1);
    if (!explain) return { scores, sets: [] };
    const { offsets, pattern } = features;
    const plan = backend.plan(offsets, offsets, pattern);
    const plans: AttentionPlan[] = Array.from({ length: model.encoder.layers }, () => plan);
    if (
      result.maps.length > plans.length &&
      model.head.kind === "set-label" &&
      model.head.pooling.kind === "attention"
    ) {
      const { queries = 1 } = model.head.pooling;
      const pooled = offsetsOf(Array.from({ length: offsets.length - 1 }, () => queries));
      plans.push(backend.plan(pooled, offsets, { kind: "full" }));
    }
    return { scores, sets: await readMaps(workspace, result.maps, plans) };
  } finally {
    workspace[dispose]();
  }
}

function gatherSets(sets: readonly SetMaps[], { inputOfSet }: ModalityFeatures, inputs: number): SetMaps[][] {
  const byInput: SetMaps[][] = Array.from({ length: inputs }, () => []);
  sets.forEach((maps, set) => byInput[inputOfSet?.[set] ?? set]?.push(maps));
  return byInput;
}

/** A batch that does not fit into memory, one half after the other. */
async function runHalves<Input, Output>(
  device: Device,
  task: string,
  processor: Processor<Input, Output>,
  { inputs, first, positions }: Batch<Input>,
  options: BatchOptions<Output>,
): Promise<Explained<Output>[]> {
  const middle = Math.ceil(inputs.length / 2);
  const outputs: Explained<Output>[] = [];
  for (const [from, to] of [
    [0, middle],
    [middle, inputs.length],
  ] as const) {
    const half = { inputs: inputs.slice(from, to), first: first + from, positions: positions / 2 };
    const onShare = (share: number): void => options.onShare(from / inputs.length + share / 2);
    outputs.push(...(await runBatch(device, task, processor, half, { ...options, onShare })));
  }
  return outputs;
}
