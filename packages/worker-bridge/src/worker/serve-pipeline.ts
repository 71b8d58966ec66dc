// One pipeline over one port: what a `Pipeline` gives and throws, as plain data.

import { asyncDispose, DisposedError } from "@saccade/attention-core";
import type { LoadProgress } from "@saccade/model-files";
import type { InputError, Pipeline, Progress } from "@saccade/pipeline";
import { expose, transfer } from "comlink";
import { portEndpoint } from "../wire/endpoint.ts";
import { encodeError, type ErrorWire } from "../wire/error-wire.ts";
import type { CallOptions, Host, Reply } from "../wire/messages.ts";
import { buffersOf } from "./buffers-of.ts";
import { openCalls } from "./calls.ts";

/** What opening may use besides the request: both can be handed on to `openModel`. */
export interface OpenContext {
  /** Aborts when nobody waits for the pipeline any more. */
  readonly signal: AbortSignal;
  /** Tells the app how far loading is. */
  readonly onProgress: (progress: LoadProgress) => void;
}

/** Opens a pipeline. `request` is what the app said to `connectPipeline`: check it like any message. */
export type OpenPipeline<Input, Output> = (request: unknown, context: OpenContext) => Promise<Pipeline<Input, Output>>;

/** Serves the calls that come by `port` with the pipeline that `open` opens, until the app disposes it or is gone. */
export function servePipeline(port: MessagePort, open: OpenPipeline<unknown, unknown>): void {
  const calls = openCalls();
  let pipeline: Pipeline<unknown, unknown> | null = null;

  const failure = (error: unknown): Reply<never> => {
    return { ok: false, error: encodeError(error), backend: pipeline?.backend ?? null };
  };
  const opened = (): Pipeline<unknown, unknown> => {
    if (pipeline === null) throw new DisposedError("Cannot run in the worker: the pipeline must be open, it is not");
    return pipeline;
  };
  const answer = async <T>(call: number, body: (signal: AbortSignal) => Promise<T>): Promise<Reply<T>> => {
    try {
      const value = await calls.run(call, body);
      return { ok: true, value, backend: opened().backend };
    } catch (error) {
      return failure(error);
    }
  };
  const close = async (): Promise<void> => {
    calls.end(new DisposedError("Cannot run in the worker: the pipeline must be open, it is disposed"));
    const closing = pipeline;
    pipeline = null;
    await closing?.[asyncDispose]();
  };

  const line = portEndpoint(port, {
    onNote: (note) => calls.onNote(note),
    onUnreadable: () => void close(),
    onUnsendable(cause) {
      const rule = "they must be plain data that can be cloned";
      return { answer: failure(new TypeError(`Cannot send results to the app: ${rule}, they are not`, { cause })) };
    },
  });
  /** Progress of a call, if its caller wants to hear of it. */
  const progressOf = ({ call, progress: wanted }: CallOptions): { onProgress?: (progress: Progress) => void } =>
    wanted ? { onProgress: (progress) => line.send({ note: "progress", call, progress }) } : {};

  const host: Host = {
    open: (request, { call, progress: wanted }) =>
      answer(call, async (signal) => {
        const onProgress = (progress: LoadProgress): void => {
          if (wanted) line.send({ note: "loading", call, progress });
        };
        const ready = await open(request, { signal, onProgress });
        if (signal.aborted) {
          await ready[asyncDispose]();
          signal.throwIfAborted();
        }
        pipeline = ready;
        return { name: ready.name };
      }),
    run: (inputs, options) =>
      answer(options.call, async (signal) => {
        const refused: [number, ErrorWire][] = [];
        const onInputError = (error: InputError): null => {
          refused.push([error.index, encodeError(error)]);
          return null;
        };
        const standIn = options.refuse ? { onInputError } : {};
        const outputs = await opened().run(inputs, { signal, ...progressOf(options), ...standIn });
        return { outputs, refused };
      }),
    async explain(inputs, request, options) {
      const reply = await answer(options.call, async (signal) =>
        opened().explain(inputs, request, { signal, ...progressOf(options) }),
      );
      return transfer(reply, reply.ok ? buffersOf(reply.value.map(({ sets }) => sets)) : []);
    },
    close,
  };
  expose(host, line.endpoint);
  // Node says so, and some browsers; elsewhere an app that goes away takes its workers with it.
  port.addEventListener("close", () => void close().catch(() => {}));
}
