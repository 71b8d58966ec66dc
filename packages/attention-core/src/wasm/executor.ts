// Does jobs in slices. The caller's thread never stays away from its event loop for longer than a slice, so that an
// AbortSignal can reach it; with threads, the others go on meanwhile.

import { DeviceLostError, DisposedError } from "../errors.ts";
import type { Heap } from "./heap.ts";
import type { KernelJob } from "./job.ts";
import type { KernelName, Kernels } from "./kernels.ts";
import type { ThreadPool } from "./thread-pool.ts";

/** The longest that the event loop is kept waiting. */
const sliceMs = 12;
/** Multiply-adds between two looks at the clock: 1 to 3 ms. */
const batchCost = 2 ** 26;
/** Below this many multiply-adds waking the threads costs more than they save. */
const parallelCost = 2 ** 20;

/** What is left of the job that a workspace is at. */
export interface Progress {
  next: number;
  /** The pool is at it. */
  shared: boolean;
}

/** Runs kernels of one instance, alone or together with a pool. */
export class Executor {
  readonly heap: Heap;
  readonly pool: ThreadPool | null;
  readonly lost: Promise<string>;
  lostReason: string | null = null;
  readonly #kernels: Kernels;
  #reportLoss: (reason: string) => void = () => {};
  #scratch = 0;
  #latest: KernelJob | null = null;
  #scratchBytes = 0;
  #retired: number[] = [];
  #lastRest = 0;
  #closed = false;
  #sliceStart = 0;
  /** Milliseconds of work since the event loop had its turn. */
  #spent = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(heap: Heap, kernels: Kernels, pool: ThreadPool | null) {
    this.heap = heap;
    this.pool = pool;
    this.#kernels = kernels;
    this.lost = new Promise((resolve) => {
      this.#reportLoss = resolve;
    });
    pool?.onLoss((reason) => this.lose(reason));
  }

  get threads(): number {
    return 1 + (this.pool?.size ?? 0);
  }

  /** Marks the instance as dead: after a trap its memory means nothing. */
  lose(reason: string): void {
    if (this.lostReason !== null) return;
    this.lostReason = reason;
    this.#reportLoss(reason);
  }

  /** Ends the threads: what is under way is given up. */
  close(): void {
    this.#closed = true;
    this.pool?.end();
  }

  /** Throws `DeviceLostError` once the instance is dead, `DisposedError` once it is closed. */
  check(): void {
    if (this.#closed) throw new DisposedError("Cannot go on: the WASM backend is disposed");
    if (this.lostReason !== null)
      throw new DeviceLostError(`Cannot go on: the WASM backend is lost, ${this.lostReason}`);
  }

  /** Sees to it that each thread has at least `bytes` of scratch. Throws `OutOfMemoryError`. */
  reserve(bytes: number): void {
    if (bytes <= this.#scratchBytes) return;
    const size = Math.ceil(bytes / 4096) * 4096;
    const address = this.heap.allocate(size * this.threads);
    if (this.#scratch !== 0) this.#retired.push(this.#scratch);
    this.#scratch = address;
    this.#scratchBytes = size;
    this.#latest = null;
    this.#freeRetired();
  }

  /** Runs a kernel at once, outside of any queue. */
  runNow(kernel: KernelName, parameters: number, units: number): void {
    this.check();
    this.#latest = null;
    this.#call(kernel, parameters, 0, units);
  }

  /** Tells the kernels that what they left in this thread's scratch is not theirs any more. */
  #turnTo(job: KernelJob): void {
    if (this.#latest === job) return;
    this.#latest = job;
    if (this.#scratch !== 0) this.heap.integers[this.#scratch >>> 2] = 0;
  }

  /** Goes on with a job until it is done (true) or the slice is over (false). */
  advance(job: KernelJob, progress: Progress): boolean {
    this.#turnTo(job);
    if (this.pool !== null && !progress.shared && progress.next === 0 && !job.sequential && this.pool.idle) {
      if (job.units > 1 && job.units * job.unitCost >= parallelCost) {
        const grab = Math.max(
          1,
          Math.min(Math.ceil(job.units / (8 * this.threads)), Math.floor(batchCost / job.unitCost)),
        );
        this.pool.start(job, grab, this.#scratch, this.#scratchBytes);
        progress.shared = true;
      }
    }
    return progress.shared ? this.#advanceShared(job, progress) : this.#advanceAlone(job, progress);
  }

  /** Leaves a job that was begun; true once no thread is at it any more. */
  abandon(progress: Progress): boolean {
    if (!progress.shared || this.pool === null) return true;
    this.pool.cancel();
    if (!this.pool.quiet) return false;
    this.pool.finish();
    this.#freeRetired();
    return true;
  }

  /** Begins a slice, or not (false): other calls have used this turn of the event loop up. */
  beginSlice(): boolean {
    if (this.#spent > sliceMs) return false;
    this.#sliceStart = performance.now();
    return true;
  }

  /** The slice ended before the event loop had its turn. */
  endSlice(): void {
    this.#spent += performance.now() - this.#sliceStart;
  }

  /** Whether the slice is over. */
  get due(): boolean {
    return performance.now() - this.#sliceStart > sliceMs;
  }

  /** Whether calls that followed each other closely have kept the event loop waiting for a slice. */
  get starving(): boolean {
    return performance.now() - this.#lastRest > sliceMs;
  }

  /** Lets the event loop have its turn. Of several workspaces that rest, one goes on after each turn. */
  rest(): Promise<void> {
    this.#turn = this.#turn.then(macrotask).then(() => {
      this.#spent = 0;
      this.#lastRest = performance.now();
      this.#sliceStart = this.#lastRest;
    });
    return this.#turn;
  }

  /** The next turn of the event loop, for a look at the threads alone. */
  nextTurn(): Promise<void> {
    return macrotask();
  }

  #advanceAlone(job: KernelJob, progress: Progress): boolean {
    const batch = Math.max(1, Math.floor(batchCost / Math.max(1, job.unitCost)));
    while (progress.next < job.units) {
      const to = Math.min(job.units, progress.next + batch);
      this.#call(job.kernel, job.parameters, progress.next, to);
      progress.next = to;
      if (to < job.units && this.due) return false;
    }
    return true;
  }

  #advanceShared(job: KernelJob, progress: Progress): boolean {
    const pool = this.pool!;
    while (!this.due) {
      const from = pool.grab();
      if (from >= job.units) {
        if (!pool.settle()) return false;
        pool.finish();
        this.#freeRetired();
        progress.next = job.units;
        this.check();
        return true;
      }
      this.#call(job.kernel, job.parameters, from, Math.min(job.units, from + pool.grabUnits));
    }
    return false;
  }

  #call(kernel: KernelName, parameters: number, from: number, to: number): void {
    try {
      this.#kernels[kernel](parameters, from, to, this.#scratch);
    } catch (error) {
      this.lose(`the kernel "${kernel}" trapped: ${String(error)}`);
      throw new DeviceLostError(`Cannot run ${kernel}: the WASM backend is lost`, { cause: error });
    }
  }

  #freeRetired(): void {
    if (this.pool !== null && !this.pool.idle) return;
    for (const address of this.#retired) this.heap.free(address);
    this.#retired = [];
  }
}

interface Immediate {
  readonly setImmediate?: (callback: () => void) => unknown;
}

/** Resolves in a later turn of the event loop, after messages and timers that are due: those may come after one task. */
async function macrotask(): Promise<void> {
  await nextTask();
  await nextTask();
}

function nextTask(): Promise<void> {
  const { setImmediate } = globalThis as Immediate;
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(() => resolve());
      return;
    }
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}
