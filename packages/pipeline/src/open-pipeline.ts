// A pipeline in this thread: inputs in batches through one task, each call with a signal of its own.

import { asyncDispose, dispose, DisposedError } from "@saccade/attention-core";
import { cutBatches, gatherBatches } from "./batches.ts";
import type { Runner } from "./compute-batch.ts";
import { InputError, rejectionOf } from "./errors.ts";
import { checkExplainRequest, type ExplainRequest } from "./maps.ts";
import type { BackendChoice, Explained, Pipeline, Progress, RunOptions } from "./pipeline.ts";
import { type Outcome, runBatch } from "./run-batch.ts";
import { type LinkedSignal, linkSignals } from "./signals.ts";

const positionsOfUnknown = 64;

/** What `createPipeline` returns. */
export class OpenPipeline<Input, Output> implements Pipeline<Input, Output> {
  readonly name: string;
  readonly #parts: Runner<Input, Output>;
  readonly #end = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(parts: Runner<Input, Output>) {
    this.name = parts.task;
    this.#parts = parts;
  }

  get backend(): BackendChoice {
    return this.#parts.device.choice;
  }

  async run(inputs: readonly Input[], options: RunOptions<Output, Input> = {}): Promise<Output[]> {
    const all = await this.#during(this.#runAll(inputs, options));
    return all.map(({ output }) => output);
  }

  async explain(
    inputs: readonly Input[],
    request: ExplainRequest,
    options: Omit<RunOptions<Output, Input>, "onInputError"> = {},
  ): Promise<Explained<Output>[]> {
    const { task, processor } = this.#parts;
    checkExplainRequest(task, request, processor.network);
    return this.#during(this.#runAll(inputs, options, request));
  }

  async *stream(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    { signal: wanted, onProgress, onInputError }: RunOptions<Output, Input> = {},
  ): AsyncGenerator<Output, void, void> {
    const link = linkSignals([wanted, this.#end.signal]);
    const { signal } = link;
    const tell = teller(onProgress, link);
    let done = 0;
    const onShare = (): void => tell({ percent: 0, done, total: undefined });
    try {
      signal.throwIfAborted();
      const { maxPositionsPerBatch } = this.#parts;
      for await (const batch of gatherBatches(inputs, this.#positionsOf, maxPositionsPerBatch, signal)) {
        const outcomes = await this.#during(runBatch(this.#parts, batch, { signal, onShare }));
        for (const outcome of outcomes) yield settle(outcome, onInputError).output;
        done += batch.inputs.length;
        onShare();
        signal.throwIfAborted();
      }
    } finally {
      link.release();
    }
  }

  async [asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end.abort(new DisposedError(`Cannot run ${this.name}: the pipeline must be open, it is disposed`));
    // Nothing may run on the backend any more when it goes.
    await Promise.allSettled(this.#running);
    await this.#parts.device.dispose();
    this.#parts.processor[dispose]?.();
  }

  async #runAll(
    inputs: readonly Input[],
    { signal: wanted, onProgress, onInputError }: RunOptions<Output, Input>,
    explain?: ExplainRequest,
  ): Promise<Explained<Output>[]> {
    if (!Array.isArray(inputs)) {
      throw new TypeError(`Cannot run ${this.name}: inputs must be an array, they are of type ${typeof inputs}`);
    }
    const link = linkSignals([wanted, this.#end.signal]);
    const { signal } = link;
    const tell = teller(onProgress, link);
    try {
      signal.throwIfAborted();
      const { maxPositionsPerBatch } = this.#parts;
      const batches = [...cutBatches(inputs as readonly Input[], this.#positionsOf, maxPositionsPerBatch)];
      const total = batches.reduce((sum, { positions }) => sum + positions, 0);
      const outputs: Explained<Output>[] = [];
      let before = 0;
      const tellPositions = (positions: number): void => {
        const percent = total === 0 ? 100 : Math.min(100, (100 * (before + positions)) / total);
        tell({ percent, done: outputs.length, total: inputs.length });
      };
      for (const batch of batches) {
        const onShare = (share: number): void => tellPositions(share * batch.positions);
        for (const outcome of await runBatch(this.#parts, batch, { signal, onShare, explain })) {
          outputs.push(settle(outcome, onInputError));
        }
        before += batch.positions;
        tellPositions(0);
        signal.throwIfAborted();
      }
      return outputs;
    } finally {
      link.release();
    }
  }

  readonly #positionsOf = (input: Input): number => {
    try {
      const positions = this.#parts.processor.positionsOf?.(input) ?? positionsOfUnknown;
      return positions >= 1 ? positions : 1;
    } catch {
      return 1; // an input that is none: `featurize` says so
    }
  };

  /** Whoever disposes the pipeline waits for `work`. */
  async #during<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }
}

/** Tells progress; what the listener throws ends the call, and is not taken for a fault of an input. */
function teller(
  onProgress: ((progress: Progress) => void) | undefined,
  { signal, abort }: LinkedSignal,
): (progress: Progress) => void {
  return (progress) => {
    if (signal.aborted) return;
    try {
      onProgress?.(progress);
    } catch (error) {
      abort(error);
    }
  };
}

/** The output, or what stands in its place. */
function settle<Output>(
  outcome: Outcome<Output>,
  onInputError: ((error: InputError) => Output) | undefined,
): Explained<Output> {
  if (!(outcome instanceof InputError)) return outcome;
  if (onInputError === undefined) throw rejectionOf(outcome);
  return { output: onInputError(outcome), sets: [] };
}
