// A task, a model and a list of backends, put together.

import { dispose, ModelMismatchError } from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import { Device, type OpenBackend } from "./device.ts";
import type { LabelHead, Modality, Processor } from "./modality.ts";
import { OpenPipeline } from "./open-pipeline.ts";
import type { Pipeline } from "./pipeline.ts";
import { orAborted } from "./signals.ts";

/** What a pipeline is made of. */
export interface PipelineOptions<Settings extends object> {
  /** The files of a model, from `openModel` of @saccade/model-files, or a promise of them. */
  readonly model: ModelFiles | Promise<ModelFiles>;
  /** Backends in the order of preference: `[createWasmBackend]`. The first that opens computes. */
  readonly backends: readonly OpenBackend[];
  /** What is to differ from the task's defaults. */
  readonly settings?: Partial<Settings>;
  /** About how many positions run at a time, over all inputs of a batch; default 4096. */
  readonly maxPositionsPerBatch?: number;
  /** Of the opening alone. */
  readonly signal?: AbortSignal;
}

const defaultPositions = 4096;

/**
 * Opens `modality` with a model: reads its files, opens a backend, checks the weights once and brings them there. Rejects
 * with `ModelMismatchError` for files of another task or weights of another shape, `ModelFileError` for files that are
 * damaged, `BackendUnavailableError` if no backend opens, and the signal's reason; then nothing stays behind.
 *
 * @example
 * await using tagger = await createPipeline(upos, { model, backends: [createWasmBackend] });
 * const [tokens] = await tagger.run(["I saw a saw"]);
 */
export async function createPipeline<Input, Output, H extends LabelHead, Settings extends object>(
  modality: Modality<Input, Output, H, Settings>,
  options: PipelineOptions<Settings>,
): Promise<Pipeline<Input, Output>> {
  const { name } = modality;
  const { maxPositionsPerBatch = defaultPositions, signal, backends } = options;
  if (!Number.isInteger(maxPositionsPerBatch) || maxPositionsPerBatch < 1) {
    throw new RangeError(
      `Cannot create pipeline ${name}: maxPositionsPerBatch must be an integer >= 1, it is ${maxPositionsPerBatch}`,
    );
  }
  const files = await orAborted(options.model, signal);
  const processor = await orAborted(openProcessor(modality, files, options), signal);
  const device = new Device(backends, { files, network: processor.network });
  try {
    checkHead(name, modality.head, processor);
    await device.open(signal);
    return new OpenPipeline({
      task: name,
      processor: processor as Processor<Input, Output>,
      device,
      maxPositionsPerBatch,
    });
  } catch (error) {
    await device.dispose();
    processor[dispose]?.();
    throw error;
  }
}

/** What comes after the signal aborted is let go again. */
async function openProcessor<Input, Output, H extends LabelHead, Settings extends object>(
  modality: Modality<Input, Output, H, Settings>,
  files: ModelFiles,
  { settings, signal }: PipelineOptions<Settings>,
): Promise<Processor<Input, Output, H>> {
  const processor = await modality.open(files, { ...modality.settings, ...settings }, signal);
  if (signal?.aborted) processor[dispose]?.();
  return processor;
}

function checkHead(
  task: string,
  head: LabelHead,
  { network }: { readonly network: Processor<never, never>["network"] },
): void {
  if (network.head.kind === head) return;
  throw new ModelMismatchError(
    `Cannot create pipeline ${task}: the head must be for ${head}, that of the network is for ${network.head.kind}`,
  );
}
