// A browser's Worker, as far as jax-js uses one, over Node's worker_threads: with it jax-js runs its threads in Node too.
import { resolveObjectURL } from "node:buffer";
import { Worker as ThreadWorker } from "node:worker_threads";

const prelude = `
const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
`;

class WebWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;
  readonly #thread: Promise<ThreadWorker>;

  constructor(url: string) {
    this.#thread = this.#start(url);
  }

  async #start(url: string): Promise<ThreadWorker> {
    const source = await resolveObjectURL(url)!.text();
    const thread = new ThreadWorker(prelude + source, { eval: true });
    thread.on("message", (data: unknown) => this.onmessage?.({ data }));
    thread.on("error", (error: Error) => this.onerror?.(error));
    return thread;
  }

  postMessage(message: unknown): void {
    void this.#thread.then((thread) => thread.postMessage(message));
  }
}

/** Defines the global `Worker`; call before jax-js is imported. */
export function defineWebWorker(): void {
  Object.defineProperty(globalThis, "Worker", { value: WebWorker, configurable: true, writable: true });
}
