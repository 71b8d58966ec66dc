// A task, a model and a list of backends, put together.

import { asyncDispose, dispose, DisposedError } from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import { type Batch, cutBatches, gatherBatches } from "./batches.ts";
import { Device, type OpenBackend } from "./device.ts";
import type { ExplainRequest } from "./maps.ts";
import type { LabelHead, Modality, Processor } from "./modality.ts";
import type { BackendChoice, Explained, Pipeline, Progress, RunOptions } from "./pipeline.ts";
import { runBatch } from "./run-batch.ts";

/** What a pipeline is made of. */
export interface PipelineOptions<Settings extends object> {
  /** The files of a model, from `openModel` of @saccade/model-files, or a promise of them. */
  readonly model: ModelFiles | Promise<ModelFiles>;
  /** Backends in the order of preference: `[() => createWasmBackend()]`. The first that opens computes. */
  readonly backends: readonly OpenBackend[];
  /** What is to differ from the task's defaults. */
  readonly settings?: Partial<Settings>;
  /** About how many positions run at a time, over all inputs of a batch; default 4096. */
  readonly maxPositionsPerBatch?: number;
  /** Of the opening alone. */
  readonly signal?: AbortSignal;
}

const defaultPositions = 4096;
const positionsOfUnknown = 64;

/**
 * Opens `modality` with a model: reads its files, opens a backend, checks the weights once and brings them there. Rejects
 * with `ModelMismatchError` for files of another task or weights of another shape, `ModelFileError` for files that are
 * damaged, `BackendUnavailableError` if no backend opens, and the signal's reason; then nothing stays behind.
 *
 * @example
 * await using tagger = await createPipeline(upos, { model, backends: [() => createWasmBackend()] });
 * const [tokens] = await tagger.run(["I saw a saw"]);
 */
export async function createPipeline<Input, Output, H extends LabelHead, Settings extends object>(
  modality: Modality<Input, Output, H, Settings>,
  options: PipelineOptions<Settings>,
): Promise<Pipeline<Input, Output>> {
  const { maxPositionsPerBatch = defaultPositions, signal, backends } = options;
  if (!Number.isInteger(maxPositionsPerBatch) || maxPositionsPerBatch < 1) {
    throw new RangeError(
      `Cannot create pipeline ${modality.name}: maxPositionsPerBatch must be an integer >= 1, it is ${maxPositionsPerBatch}`,
    );
  }
  const files = await options.model;
  signal?.throwIfAborted();
  const processor = await modality.open(files, { ...modality.settings, ...options.settings }, signal);
  try {
    const device = await Device.open(backends, files, processor.model, signal);
    return new OpenPipeline(modality.name, processor as Processor<Input, Output>, device, maxPositionsPerBatch);
  } catch (error) {
    processor[dispose]?.();
    throw error;
  }
}

class OpenPipeline<Input, Output> implements Pipeline<Input, Output> {
  readonly name: string;
  readonly #processor: Processor<Input, Output>;
  readonly #device: Device;
  readonly #mostPositions: number;
  readonly #end = new AbortController();

  constructor(name: string, processor: Processor<Input, Output>, device: Device, mostPositions: number) {
    this.name = name;
    this.#processor = processor;
    this.#device = device;
    this.#mostPositions = mostPositions;
  }

  get backend(): BackendChoice {
    return this.#device.choice;
  }

  async run(inputs: readonly Input[], options: RunOptions<Output, Input> = {}): Promise<Output[]> {
    return (await this.#runAll(inputs, options)).map(({ output }) => output);
  }

  async explain(
    inputs: readonly Input[],
    request: ExplainRequest,
    options: Omit<RunOptions<Output, Input>, "onInputError"> = {},
  ): Promise<Explained<Output>[]> {
    return this.#runAll(inputs, options, request);
  }

  async *stream(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options: RunOptions<Output, Input> = {},
  ): AsyncGenerator<Output, void, void> {
    const signal = this.#signalOf(options.signal);
    let done = 0;
    for await (const batch of gatherBatches(inputs, this.#positionsOf, this.#mostPositions, signal)) {
      const tell = (): void => options.onProgress?.({ percent: 0, done, total: undefined });
      yield* await this.#streamBatch(batch, options, signal, tell);
      done += batch.inputs.length;
      tell();
    }
  }

  async [asyncDispose](): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#end.abort(new DisposedError(`Cannot run ${this.name}: the pipeline must be open, it is disposed`));
    await this.#device.dispose();
    this.#processor[dispose]?.();
  }

  readonly #positionsOf = (input: Input): number => {
    try {
      return Math.max(1, this.#processor.positionsOf?.(input) ?? positionsOfUnknown);
    } catch {
      return 1; // an input that is none: `featurize` says so
    }
  };

  async #runAll(
    inputs: readonly Input[],
    { signal: wanted, onProgress, onInputError }: RunOptions<Output, Input>,
    explain?: ExplainRequest,
  ): Promise<Explained<Output>[]> {
    if (!Array.isArray(inputs)) {
      throw new TypeError(`Cannot run ${this.name}: inputs must be an array, they are of type ${typeof inputs}`);
    }
    const signal = this.#signalOf(wanted);
    signal.throwIfAborted();
    const batches = [...cutBatches(inputs as readonly Input[], this.#positionsOf, this.#mostPositions)];
    const total = batches.reduce((sum, { positions }) => sum + positions, 0);
    const outputs: Explained<Output>[] = [];
    let before = 0;
    const tell = (share: number): void => {
      const percent = total === 0 ? 100 : Math.min(100, (100 * (before + share)) / total);
      onProgress?.({ percent, done: outputs.length, total: inputs.length } satisfies Progress);
    };
    for (const batch of batches) {
      const onShare = (share: number): void => tell(share * batch.positions);
      const results = await runBatch(this.#device, this.name, this.#processor, batch, {
        signal,
        onShare,
        onInputError,
        explain,
      });
      for (const result of results) outputs.push(result);
      before += batch.positions;
      tell(0);
    }
    return outputs;
  }

  /** The outputs of a batch; if one of its inputs is refused and nothing is to stand in its place, those before it, then the error. */
  async #streamBatch(
    batch: Batch<Input>,
    { onInputError }: RunOptions<Output, Input>,
    signal: AbortSignal,
    onShare: () => void,
  ): Promise<Iterable<Output>> {
    let refusal: { readonly error: Error; readonly index: number } | undefined;
    const results = await runBatch<Input, Output | undefined>(this.#device, this.name, this.#processor, batch, {
      signal,
      onShare,
      onInputError:
        onInputError ??
        ((error) => {
          refusal ??= { error, index: error.index - batch.first };
          return undefined;
        }),
    });
    const found = refusal;
    return (function* () {
      for (const [i, { output }] of results.entries()) {
        if (found?.index === i) throw found.error;
        yield output as Output;
      }
    })();
  }

  #signalOf(wanted: AbortSignal | undefined): AbortSignal {
    this.#end.signal.throwIfAborted();
    return wanted ? AbortSignal.any([wanted, this.#end.signal]) : this.#end.signal;
  }
}
