// A thread where we are: a module worker in a browser, a thread of `node:worker_threads` in Node. `binaries/thread.js`
// is `thread.ts` without its types; the `new Worker(new URL(…))` form is what bundlers look for.

import type { Thread } from "./thread-pool.ts";
import { builtinModule } from "./node.ts";

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  unref(): void;
}

interface WorkerThreads {
  readonly Worker: new (file: URL) => NodeWorker;
}

/** Starts a thread. */
export function createThread(): Thread {
  const threads = builtinModule<WorkerThreads>("node:worker_threads");
  return threads === null ? browserThread() : nodeThread(threads);
}

function nodeThread(threads: WorkerThreads): Thread {
  const worker = new threads.Worker(new URL("../../binaries/thread.js", import.meta.url));
  worker.unref(); // an open backend does not keep a program running
  return {
    postMessage: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    listen(onMessage, onEnd) {
      worker.on("message", onMessage);
      worker.on("error", (error) => onEnd(String(error)));
      worker.on("exit", (code) => onEnd(`the thread ended with code ${String(code)}`));
    },
  };
}

function browserThread(): Thread {
  const worker = new Worker(new URL("../../binaries/thread.js", import.meta.url), { type: "module" });
  return {
    postMessage: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    listen(onMessage, onEnd) {
      worker.addEventListener("message", (event: MessageEvent<unknown>) => onMessage(event.data));
      worker.addEventListener("error", (event) => onEnd(event.message || "the worker could not be loaded"));
      worker.addEventListener("messageerror", () => onEnd("a message could not be read"));
    },
  };
}
