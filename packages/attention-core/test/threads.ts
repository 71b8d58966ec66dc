// Threads that go wrong, in a browser as in Node.

import { createThread } from "../src/wasm/create-thread.ts";
import type { Thread } from "../src/wasm/index.ts";
import { builtinModule } from "../src/wasm/node.ts";

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
}

/** A thread that runs `code`, a module. */
export function threadOf(code: string): Thread {
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const node = builtinModule<{ readonly Worker: new (url: URL) => NodeWorker }>("node:worker_threads");
  if (node === null) {
    const worker = new Worker(url, { type: "module" });
    return {
      postMessage: (message) => worker.postMessage(message),
      terminate: () => worker.terminate(),
      listen: (onMessage, onEnd) => {
        worker.addEventListener("message", ({ data }) => onMessage(data));
        worker.addEventListener("error", ({ message }) => onEnd(message));
      },
    };
  }
  const worker = new node.Worker(url);
  return {
    postMessage: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    listen: (onMessage, onEnd) => {
      worker.on("message", onMessage);
      worker.on("error", (error) => onEnd(String(error)));
      worker.on("exit", (code) => onEnd(`the thread ended with code ${String(code)}`));
    },
  };
}

/** A thread as the backend starts it, which `kill` ends: a browser tells nobody, so the page is told here. */
export interface KillableThread extends Thread {
  kill(): void;
  readonly ended: boolean;
}

/** Starts one; what `change` makes of a message is posted instead of it. */
export function killableThread(change: (message: unknown) => unknown = (message) => message): KillableThread {
  const thread = createThread();
  const inNode = builtinModule("node:worker_threads") !== null;
  let tellEnd: (reason: string) => void = () => {};
  let ended = false;
  return {
    postMessage: (message) => thread.postMessage(change(message)),
    terminate: () => {
      ended = true;
      return thread.terminate();
    },
    kill: () => {
      void thread.terminate();
      if (!inNode) tellEnd("the thread was ended");
    },
    get ended() {
      return ended;
    },
    listen: (onMessage, onEnd) => {
      tellEnd = onEnd;
      thread.listen(onMessage, onEnd);
    },
  };
}

/** Whether a backend may have threads here: in Node, and on pages that are cross-origin isolated. */
export const threadsWork: boolean =
  (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
