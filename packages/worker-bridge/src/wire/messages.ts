// What crosses between app and worker. The two find each other by messages on the worker's own channel, which an app may
// use for other things too; then each pipeline has a port of its own, on which comlink carries calls and their results,
// and notes go without an answer.

import type { LoadProgress } from "@saccade/model-files";
import type { BackendChoice, ExplainRequest, Progress } from "@saccade/pipeline";
import type { ErrorWire } from "./error-wire.ts";

/** On the worker's own channel. */
export type Greeting =
  /** The app: is somebody there? */
  | { readonly saccade: "hello" }
  /** The worker, when it has loaded and to each hello. It holds `lock` as long as it lives, where there are locks. */
  | { readonly saccade: "ready"; readonly version: string; readonly lock: string | null }
  /** The app: one pipeline over this port. */
  | { readonly saccade: "connect"; readonly port: MessagePort };

/** On a pipeline's port, beside comlink's messages, which all have an `id`. */
export type Note =
  /** The app: nobody waits for this call any more. */
  | { readonly note: "cancel"; readonly call: number; readonly reason: ErrorWire }
  /** The worker: how far a call is. */
  | { readonly note: "progress"; readonly call: number; readonly progress: Progress }
  | { readonly note: "loading"; readonly call: number; readonly progress: LoadProgress };

/** What a call comes to: results and errors alike are plain data. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T; readonly backend: BackendChoice }
  | { readonly ok: false; readonly error: ErrorWire; readonly backend: BackendChoice | null };

/** Which call it is, and what its caller wants to hear. */
export interface CallOptions {
  readonly call: number;
  readonly progress: boolean;
}

/** Outputs, with the errors of inputs that were refused by their place. */
export interface RunResult {
  readonly outputs: readonly unknown[];
  readonly refused: readonly (readonly [index: number, error: ErrorWire])[];
}

/** What the worker offers for each pipeline. */
export interface Host {
  open(request: unknown, options: CallOptions): Promise<Reply<{ readonly name: string }>>;
  run(inputs: readonly unknown[], options: CallOptions & { readonly refuse: boolean }): Promise<Reply<RunResult>>;
  explain(
    inputs: readonly unknown[],
    request: ExplainRequest,
    options: CallOptions,
  ): Promise<Reply<readonly unknown[]>>;
  close(): Promise<void>;
}

/** Whether a message of a worker's channel is one of ours. */
export function isGreeting(message: unknown): message is Greeting {
  return typeof message === "object" && message !== null && "saccade" in message;
}

/** Whether a message of a pipeline's port is a note. */
export function isNote(message: unknown): message is Note {
  return typeof message === "object" && message !== null && "note" in message;
}
