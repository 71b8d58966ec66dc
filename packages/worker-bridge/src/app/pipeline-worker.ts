// The worker as the app holds it: a `Worker` of the browser or one of `node:worker_threads`, seen alike.

/** What is used of a `Worker` of `node:worker_threads`. */
export interface NodeWorker {
  /** -1 once it has ended. */
  readonly threadId: number;
  postMessage(message: unknown, transfer?: readonly never[]): void;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  getMaxListeners(): number;
  setMaxListeners(count: number): unknown;
}

/** A worker that runs a pipeline. The app makes it and ends it. */
export type PipelineWorker = Worker | NodeWorker;

/** Why there is no worker any more, in words, and the error if there was one. */
export type OnEnd = (reason: string, cause?: unknown) => void;

/** What is needed of either kind. */
export interface WorkerChannel {
  /** Whether it is known to have ended. */
  readonly hasEnded: boolean;
  /** Whether it may end without a word here: a browser does not say that it terminated a worker. */
  readonly endsSilently: boolean;
  post(message: unknown, transfer: Transferable[]): void;
  /** Listens until the function that comes back is called. */
  listen(onMessage: (message: unknown) => void, onEnd: OnEnd): () => void;
}

/** Sees `worker` as a channel. */
export function workerChannel(worker: PipelineWorker): WorkerChannel {
  return "addEventListener" in worker ? browserChannel(worker) : nodeChannel(worker);
}

const unreadable = "it sent a message that cannot be read here";

function nodeChannel(worker: NodeWorker): WorkerChannel {
  return {
    get hasEnded() {
      return worker.threadId === -1;
    },
    endsSilently: false,
    post: (message, transfer) => worker.postMessage(message, transfer as unknown as never[]),
    listen(onMessage, onEnd) {
      const listeners: Readonly<Record<string, (value: unknown) => void>> = {
        message: onMessage,
        messageerror: (cause) => onEnd(unreadable, cause),
        error: (cause) => onEnd(`it threw: ${cause instanceof Error ? cause.message : String(cause)}`, cause),
        exit: (code) => onEnd(`it ended with code ${String(code)}`),
      };
      // One listener for each pipeline is no leak, which Node takes eleven for.
      worker.setMaxListeners(worker.getMaxListeners() + 1);
      for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
      return () => {
        worker.setMaxListeners(worker.getMaxListeners() - 1);
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
      };
    },
  };
}

function browserChannel(worker: Worker): WorkerChannel {
  return {
    hasEnded: false,
    endsSilently: true,
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(onMessage, onEnd) {
      const stop = new AbortController();
      const { signal } = stop;
      worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => onMessage(data), { signal });
      worker.addEventListener("messageerror", () => onEnd(unreadable), { signal });
      worker.addEventListener(
        "error",
        ({ message, error }) => onEnd(message ? `it threw: ${message}` : "its script could not be loaded", error),
        { signal },
      );
      return () => stop.abort();
    },
  };
}
