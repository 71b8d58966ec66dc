// One pipeline's line to its worker: calls that settle whatever happens to the worker, and notes beside them.

import { DisposedError } from "@saccade/attention-core";
import type { LoadProgress } from "@saccade/model-files";
import type { BackendChoice, Progress } from "@saccade/pipeline";
import { type Remote, wrap } from "comlink";
import { WorkerCrashedError } from "../errors.ts";
import { portEndpoint } from "../wire/endpoint.ts";
import { decodeError, encodeError, type ErrorClasses } from "../wire/error-wire.ts";
import type { CallOptions, Host, Note, Reply } from "../wire/messages.ts";
import type { WorkerChannel } from "./pipeline-worker.ts";
import { watchWorker } from "./watch.ts";

/** Who waits for a call, and what for. */
export interface CallListeners {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onLoading?: ((progress: LoadProgress) => void) | undefined;
}

/** A line to a worker. */
export interface Connection {
  /** As of the last answer. */
  readonly backend: BackendChoice;
  /** How many messages wait for an answer. */
  readonly pending: number;
  /**
   * Has the worker do what `send` asks it. Rejects with what the worker says, the signal's reason at once when it aborts,
   * what a listener throws, `WorkerCrashedError`, `DisposedError`, or `TypeError` for what cannot be sent.
   */
  call<T>(listeners: CallListeners, send: (host: Remote<Host>, options: CallOptions) => Promise<Reply<T>>): Promise<T>;
  /** Rejects what runs with `DisposedError` and frees the pipeline; a worker that does not answer is not waited for long. */
  close(): Promise<void>;
}

/** How to connect. */
export interface ConnectionOptions {
  readonly channel: WorkerChannel;
  readonly lock: string | null;
  readonly errors: ErrorClasses;
}

/** How long a worker may take to free its pipeline, in milliseconds. */
const graceMs = 2000;

interface Waiting {
  onNote(note: Note): void;
  fail(error: unknown): void;
}

/** Opens a line. */
export function openConnection({ channel, lock, errors }: ConnectionOptions): Connection {
  const { port1: port, port2: farPort } = new MessageChannel();
  const waiting = new Map<number, Waiting>();
  let backend: BackendChoice = { name: "", reasons: [] };
  let calls = 0;
  let ended: Error | null = null;
  let closing: Promise<void> | null = null;

  const crash = (reason: string, cause?: unknown): void => {
    stopWatching();
    ended ??= new WorkerCrashedError(`Cannot reach the worker any more: ${reason}`, { cause });
    line.close(ended);
  };
  const line = portEndpoint(port, {
    onNote: (note) => waiting.get(note.call)?.onNote(note),
    onUnreadable: () => crash("it sent a message that cannot be read here"),
    onUnsendable(cause) {
      const rule = "inputs and requests must be plain data that can be cloned, and buffers must not be moved twice";
      const why = cause instanceof Error ? cause.message : String(cause);
      return { error: new TypeError(`Cannot send to the worker: ${rule}: ${why}`, { cause }) };
    },
  });
  const stopWatching = watchWorker({ channel, port, lock }, crash);
  const host = wrap<Host>(line.endpoint);
  channel.post({ saccade: "connect", port: farPort }, [farPort]);

  const call: Connection["call"] = (listeners, send) =>
    new Promise((resolve, reject) => {
      const { signal, onProgress, onLoading } = listeners;
      if (ended) throw ended;
      signal?.throwIfAborted();
      const number = calls;
      calls += 1;
      const finish = (): void => {
        waiting.delete(number);
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (error: unknown): void => {
        finish();
        line.send({ note: "cancel", call: number, reason: encodeError(error) });
        reject(error as Error);
      };
      const onAbort = (): void => fail(signal?.reason);
      const onNote = (note: Note): void => {
        try {
          if (note.note === "progress") onProgress?.(note.progress);
          if (note.note === "loading") onLoading?.(note.progress);
        } catch (error) {
          fail(error);
        }
      };
      signal?.addEventListener("abort", onAbort);
      waiting.set(number, { onNote, fail });
      const progress = onProgress !== undefined || onLoading !== undefined;
      send(host, { call: number, progress }).then(
        (reply) => {
          finish();
          backend = reply.backend ?? backend;
          if (reply.ok) resolve(reply.value);
          else reject(decodeError(reply.error, errors) as Error);
        },
        (error: Error) => {
          finish();
          reject(error);
        },
      );
    });

  const close = async (): Promise<void> => {
    if (ended) return;
    ended = new DisposedError("Cannot use the pipeline: it must be open, it is disposed");
    for (const each of waiting.values()) each.fail(ended);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
    // A worker that has ended by now has freed everything.
    await Promise.race([host.close().catch(() => {}), late]);
    clearTimeout(timer);
    stopWatching();
    line.close(ended);
  };

  return {
    get backend() {
      return backend;
    },
    get pending() {
      return line.pending;
    },
    call,
    close: () => (closing ??= close()),
  };
}
