// The app's side: a pipeline that runs in a worker, used as if it were here.

import { asyncDispose } from "@saccade/attention-core";
import type { LoadProgress } from "@saccade/model-files";
import type { Explained, Pipeline, RunOptions } from "@saccade/pipeline";
import { transfer } from "comlink";
import type { ErrorClasses } from "../wire/error-wire.ts";
import { type Connection, openConnection } from "./connection.ts";
import { greetWorker } from "./greet.ts";
import { type PipelineWorker, workerChannel } from "./pipeline-worker.ts";
import { finishOutputs, streamOver, transfersOf } from "./remote-stream.ts";

/** How to connect; everything has a default. */
export interface ConnectOptions {
  /** For the function that opens the pipeline in the worker: plain data, such as which model. */
  readonly request?: unknown;
  /** Of connecting and opening. */
  readonly signal?: AbortSignal;
  /** How far the model is loaded, if the worker hands `onProgress` on. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** How long the worker may take to load its script, in milliseconds. Opening the model may take longer. Default 10,000. */
  readonly timeoutMs?: number;
  /** Classes of errors that the worker may throw besides those of this library, by the name of their errors. */
  readonly errors?: ErrorClasses;
}

/**
 * A pipeline that `exposePipeline` offers in `worker`. Each call opens another one; disposing it leaves the worker running,
 * which is the app's to end. Rejects with what the opening throws, `WorkerCrashedError`, `WorkerVersionError`, the signal's
 * reason, or `TypeError` for a request that cannot be cloned; then nothing stays behind.
 *
 * @example
 * const worker = new Worker(new URL("./upos-worker.ts", import.meta.url), { type: "module" });
 * await using tagger: PipelineOf<typeof upos> = await connectPipeline(worker);
 */
export async function connectPipeline<Input, Output>(
  worker: PipelineWorker,
  options: ConnectOptions = {},
): Promise<Pipeline<Input, Output>> {
  const { request, signal, onProgress, timeoutMs = 10_000, errors = {} } = options;
  const channel = workerChannel(worker);
  const lock = await greetWorker(channel, { timeoutMs, signal });
  const connection = openConnection({ channel, lock, errors });
  try {
    const { name } = await connection.call({ signal, onLoading: onProgress }, (host, call) => host.open(request, call));
    return remotePipeline<Input, Output>(name, connection);
  } catch (error) {
    // A worker that does not answer is not waited for.
    void connection.close();
    throw error;
  }
}

function remotePipeline<Input, Output>(name: string, connection: Connection): Pipeline<Input, Output> {
  return {
    name,
    get backend() {
      return connection.backend;
    },
    async run(inputs, options = {}) {
      checkInputs(name, inputs);
      const { onInputError } = options;
      const moved = transfer([...inputs], transfersOf(inputs, options.transfer));
      const refuse = onInputError !== undefined;
      const result = await connection.call(options, (host, call) => host.run(moved, { ...call, refuse }));
      return [...finishOutputs<Output>(result, 0, onInputError)];
    },
    async explain(inputs, request, options: Omit<RunOptions<Output, Input>, "onInputError"> = {}) {
      checkInputs(name, inputs);
      const moved = transfer([...inputs], transfersOf(inputs, options.transfer));
      const explained = await connection.call(options, (host, call) => host.explain(moved, request, call));
      return explained as Explained<Output>[];
    },
    stream: (inputs, options = {}) => streamOver(connection, inputs, options),
    [asyncDispose]: () => connection.close(),
  };
}

function checkInputs(name: string, inputs: unknown): void {
  if (!Array.isArray(inputs)) {
    throw new TypeError(`Cannot run ${name}: inputs must be an array, they are of type ${typeof inputs}`);
  }
}
