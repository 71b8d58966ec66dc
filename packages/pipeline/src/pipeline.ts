// The caller's side: the same in the page, in a worker and in Node.

import type { ExplainRequest, SetMaps } from "./maps.ts";
import type { InputError } from "./errors.ts";

/** How far a call is. */
export interface Progress {
  /** 0 to 100, by positions. */
  readonly percent: number;
  /** Inputs whose outputs are there. */
  readonly done: number;
  /** Inputs in all; undefined for a stream, whose end is not known, and whose percent is 0 until then. */
  readonly total: number | undefined;
}

/** How to run. */
export interface RunOptions<Output = unknown, Input = never> {
  /** Rejects the call with its reason, soon. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each layer of each batch. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * What stands in place of the output of an input that cannot be worked on; the others are not affected. Left out, the
   * call rejects with the `InputError`; a stream does so after the outputs of all inputs before it.
   */
  readonly onInputError?: ((error: InputError) => Output) | undefined;
  /**
   * What of an input is moved to the worker that the pipeline runs in, instead of copied: the buffer of its samples, say,
   * which is then empty here. Without a worker nothing moves.
   */
  readonly transfer?: ((input: Input) => readonly Transferable[]) | undefined;
}

/** An output and what it was judged by. */
export interface Explained<Output> {
  readonly output: Output;
  /** One entry per set of the input: one, unless it is longer than the model's window or in parts, or has none. */
  readonly sets: readonly SetMaps[];
}

/** Which backend computes, and why not one that was preferred to it. */
export interface BackendChoice {
  readonly name: string;
  /** Why backends before it in the list, or before its loss, do not compute. */
  readonly reasons: readonly string[];
}

/**
 * A model in use. Calls may overlap. Disposing it rejects calls that run with `DisposedError`, and frees everything.
 */
export interface Pipeline<Input, Output> extends AsyncDisposable {
  /** Of the task: "text/upos". */
  readonly name: string;
  readonly backend: BackendChoice;
  /**
   * One output per input, in order. Rejects with the signal's reason, `InputError`, `OutOfMemoryError` if one input
   * alone does not fit, `DisposedError`, `DeviceLostError` if all backends are lost under an input,
   * `BackendUnavailableError` if none can be opened any more, or `BackendFaultError` if the last of them fails at its work.
   */
  run(inputs: readonly Input[], options?: RunOptions<Output, Input>): Promise<Output[]>;
  /** The same with attention maps. */
  explain(
    inputs: readonly Input[],
    request: ExplainRequest,
    options?: Omit<RunOptions<Output, Input>, "onInputError">,
  ): Promise<Explained<Output>[]>;
  /**
   * Outputs in order, as they come. Reads ahead one batch, and no further, so that memory does not grow with the length
   * of the stream; a source that pauses gets the outputs of what it has given. Leaving the loop early closes the source.
   */
  stream(
    inputs: Iterable<Input> | AsyncIterable<Input>,
    options?: RunOptions<Output, Input>,
  ): AsyncIterableIterator<Output>;
}
