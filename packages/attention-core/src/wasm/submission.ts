// The work of one workspace, in order, and how far it has come.

import { DisposedError } from "../errors.ts";
import type { Executor, Progress } from "./executor.ts";
import type { HostJob, Job } from "./job.ts";

/** A queue of jobs that is driven by whoever waits for it. */
export class Submission {
  readonly #executor: Executor;
  readonly #signal: AbortSignal | undefined;
  #jobs: Job[] = [];
  #place = 0;
  #progress: Progress = { next: 0, shared: false };
  #driving: Promise<void> | null = null;
  #onQuiet: (() => void) | null = null;
  #onIdle: (() => void)[] = [];

  constructor(executor: Executor, signal: AbortSignal | undefined) {
    this.#executor = executor;
    this.#signal = signal;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  /** Adds a step on the host. */
  step(run: HostJob["run"]): void {
    this.#jobs.push({ run });
  }

  /**
   * Does everything pushed so far, and until then: null if that is done already, as most batches are within their
   * first slice, otherwise a promise. It rejects when aborted or when the device is lost.
   */
  drive(): Promise<void> | null {
    if (this.#driving !== null) return this.#driving;
    try {
      this.#signal?.throwIfAborted();
      this.#executor.check();
      if (this.#executor.beginSlice()) {
        const done = this.#advance();
        this.#executor.endSlice();
        if (done && !this.#executor.starving) return null;
      }
    } catch (error) {
      this.#driving = this.#run(Promise.reject(error));
      return this.#driving;
    }
    this.#driving = this.#run(this.#pause());
    return this.#driving;
  }

  /** Calls back as soon as nothing runs on this workspace's memory: at once, or when the reads that wait are done. */
  whenQuiet(callback: () => void): void {
    if (this.#driving !== null) {
      this.#onQuiet = callback;
    } else {
      this.#clear(this.#jobs.length === 0 ? null : new DisposedError("Cannot go on: the workspace was disposed"));
      callback();
    }
  }

  /** Calls back once the jobs that are queued now are done or dropped: at once if there are none. */
  whenIdle(callback: () => void): void {
    if (this.#jobs.length === 0) callback();
    else this.#onIdle.push(callback);
  }

  /** What is left after the first slice and a pause. */
  async #run(pause: Promise<void>): Promise<void> {
    try {
      await pause;
      while (!this.#advance() || this.#executor.starving) await this.#pause();
    } catch (error) {
      // No thread may be at this work any more when its memory goes.
      while (!this.#executor.abandon(this.#progress)) await this.#executor.nextTurn();
      this.#clear(error);
      throw error;
    } finally {
      this.#executor.endSlice();
      this.#driving = null;
      this.#onQuiet?.();
      this.#onQuiet = null;
    }
  }

  /** Other workspaces may take long, to make what this one waits for or to have their slices: an abort ends the pause. */
  async #pause(): Promise<void> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const waiting = this.#waiting() ?? this.#rest();
    if (signal === undefined) return waiting;
    let stop = (): void => {};
    const aborted = new Promise<never>((_, reject) => (stop = () => reject(signal.reason)));
    signal.addEventListener("abort", stop);
    try {
      await Promise.race([waiting, aborted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** What the next job waits for, if it does. */
  #waiting(): Promise<void> | null {
    const job = this.#jobs[this.#place];
    return job !== undefined && "wait" in job && !job.isReady() ? job.wait() : null;
  }

  async #rest(): Promise<void> {
    await this.#executor.rest();
    this.#signal?.throwIfAborted();
    this.#executor.check();
  }

  /** Goes on until the queue is empty (true) or the slice is over (false). */
  #advance(): boolean {
    const executor = this.#executor;
    while (this.#place < this.#jobs.length) {
      const job = this.#jobs[this.#place]!;
      if ("run" in job) job.run();
      else if ("wait" in job) {
        if (!job.isReady()) return false;
      } else if (!executor.advance(job, this.#progress)) return false;
      this.#place += 1;
      this.#progress = { next: 0, shared: false };
      if (this.#place < this.#jobs.length && executor.due) return false;
    }
    this.#clear(null);
    return true;
  }

  /** Empties the queue; `reason` says why jobs that are left in it are given up. */
  #clear(reason: unknown): void {
    for (const job of this.#jobs.slice(this.#place)) if ("run" in job) job.drop?.(reason);
    this.#jobs = [];
    this.#place = 0;
    this.#progress = { next: 0, shared: false };
    const waiting = this.#onIdle;
    if (waiting.length > 0) this.#onIdle = [];
    for (const callback of waiting) callback();
  }
}
