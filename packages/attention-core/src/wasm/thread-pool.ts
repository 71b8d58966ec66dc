// Persistent threads over one shared memory, in browsers and in Node. Work is split by units, each of which gives the
// same bits whoever does it, so results do not depend on the number of threads.

import { BackendUnavailableError } from "../errors.ts";
import type { KernelJob } from "./job.ts";
import type { KernelName } from "./kernels.ts";
import {
  busyAt,
  controlLength,
  endAt,
  grabAt,
  kernelAt,
  nextAt,
  parametersAt,
  scratchAt,
  scratchBytesAt,
  sequenceAt,
  trappedAt,
  unitsAt,
} from "./thread-control.ts";

/** What the pool needs of a Web Worker or of a thread of Node. */
export interface Thread {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** Tells the first message, and an error or an early end as a reason. */
  listen(onMessage: (message: unknown) => void, onEnd: (reason: string) => void): void;
}

/** Turns of a short wait for threads that are at their last units. */
const settleTurns = 2000;
const readyTimeoutMs = 10_000;

/** Threads that share the memory of an instance with the caller's. */
export class ThreadPool {
  /** Without the caller's thread. */
  readonly size: number;
  idle = true;
  grabUnits = 1;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * controlLength));
  readonly #threads: readonly Thread[];
  readonly #kernelNames: readonly KernelName[];
  #ended = false;
  #lossReason: string | null = null;
  #onLoss: (reason: string) => void = () => {};

  private constructor(threads: readonly Thread[], kernelNames: readonly KernelName[]) {
    this.#threads = threads;
    this.#kernelNames = kernelNames;
    this.size = threads.length;
  }

  /** Starts `size` threads and waits until each has its instance of `module`, which exports `kernelNames`. Throws `BackendUnavailableError`. */
  static async open(
    size: number,
    module: WebAssembly.Module,
    kernelNames: readonly KernelName[],
    memory: WebAssembly.Memory,
    createThread: () => Thread,
  ): Promise<ThreadPool> {
    const threads: Thread[] = [];
    try {
      for (let index = 1; index <= size; index += 1) threads.push(createThread());
      const pool = new ThreadPool(threads, kernelNames);
      await Promise.all(threads.map((thread, place) => pool.#ready(thread, place + 1, module, memory)));
      // One may have died while others were still starting.
      if (pool.#lossReason !== null) throw new Error(pool.#lossReason);
      return pool;
    } catch (error) {
      for (const thread of threads) void thread.terminate();
      if (error instanceof BackendUnavailableError) throw error;
      throw new BackendUnavailableError("Cannot start the threads of the WASM backend", [String(error)], {
        cause: error,
      });
    }
  }

  #ready(thread: Thread, index: number, module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<void> {
    return new Promise((resolve, reject) => {
      const unavailable = (reason: string): void =>
        reject(new BackendUnavailableError("Cannot start a thread of the WASM backend", [reason]));
      const timer = setTimeout(() => unavailable(`it was not ready within ${readyTimeoutMs} ms`), readyTimeoutMs);
      thread.listen(
        (message) => {
          if (message !== "ready") return this.#lose(`a kernel trapped on a thread: ${String(message)}`);
          clearTimeout(timer);
          resolve();
        },
        (reason) => {
          clearTimeout(timer);
          unavailable(reason);
          this.#lose(reason);
        },
      );
      thread.postMessage({ module, memory, control: this.#control, kernelNames: this.#kernelNames, index });
    });
  }

  /** Calls back once if a thread dies or traps, at once if one did. */
  onLoss(listener: (reason: string) => void): void {
    this.#onLoss = listener;
    if (this.#lossReason !== null) listener(this.#lossReason);
  }

  #lose(reason: string): void {
    if (this.#ended || this.#lossReason !== null) return;
    this.#lossReason = reason;
    this.#onLoss(reason);
  }

  /** Opens a job to all threads: `grab` units are taken at a time. */
  start(job: KernelJob, grab: number, scratch: number, scratchBytes: number): void {
    const c = this.#control;
    this.idle = false;
    this.grabUnits = grab;
    Atomics.store(c, kernelAt, this.#kernelNames.indexOf(job.kernel));
    Atomics.store(c, parametersAt, job.parameters);
    Atomics.store(c, unitsAt, job.units);
    Atomics.store(c, grabAt, grab);
    Atomics.store(c, scratchAt, scratch);
    Atomics.store(c, scratchBytesAt, scratchBytes);
    Atomics.store(c, nextAt, 0);
    Atomics.store(c, busyAt, this.size);
    Atomics.add(c, sequenceAt, 1);
    Atomics.notify(c, sequenceAt);
  }

  /** The caller's thread takes units too: the first of them, or a number beyond the last. */
  grab(): number {
    return Atomics.add(this.#control, nextAt, this.grabUnits);
  }

  /** No unit will be taken any more. */
  cancel(): void {
    Atomics.store(this.#control, nextAt, Atomics.load(this.#control, unitsAt));
  }

  /** Whether no thread is at the job. A dead thread never is. */
  get quiet(): boolean {
    return this.#ended || this.#lossReason !== null || Atomics.load(this.#control, busyAt) === 0;
  }

  /** Waits a moment for the threads' last units; false if they need longer. */
  settle(): boolean {
    for (let turn = 0; turn < settleTurns && !this.quiet; turn += 1);
    return this.quiet;
  }

  /** Closes the job. */
  finish(): void {
    if (Atomics.load(this.#control, trappedAt) === 1) this.#lose("a kernel trapped on a thread");
    this.idle = true;
  }

  /** Ends the threads. */
  end(): void {
    this.#ended = true;
    Atomics.store(this.#control, endAt, 1);
    Atomics.add(this.#control, sequenceAt, 1);
    Atomics.notify(this.#control, sequenceAt);
    for (const thread of this.#threads) void thread.terminate();
  }
}
