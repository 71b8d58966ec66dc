// The work of a device, in the order in which it was asked for, whoever asked. It is submitted when somebody waits for it:
// what was asked for until then goes in one submission, unless that would take too long, see `pace.ts`.

import type { GpuMemory } from "./gpu-memory.ts";
import { Loss } from "./loss.ts";
import type { Work } from "./work.ts";
import { WorkRunner } from "./work-runner.ts";

export type { WorkOwner } from "./work.ts";

/** Keeps work until it is submitted. */
export class GpuQueue {
  readonly #loss = new Loss();
  readonly #runner: WorkRunner;
  #work: Work[] = [];
  #turn: Promise<void> | null = null;
  /** When the device has all of the last batch. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice, memory: GpuMemory, isSoftware: boolean) {
    this.#runner = new WorkRunner(device, memory, this.#loss, isSoftware);
  }

  /** From here on everything rejects with that, and what waits is let go. */
  lose(error: Error): void {
    this.#loss.lose(error);
    // Buffers that are given back are still counted.
    this.submit().catch(() => {});
  }

  /** Throws once the device is lost. */
  check(): void {
    this.#loss.check();
  }

  /** Puts work at the end. A kernel begins to be compiled at once. */
  push(work: Work): void {
    this.#work.push(work);
    if (work.kind === "dispatch") this.#runner.prepare(work.kernel);
  }

  /** The end of the work that waits, for `rewind`; good until something awaits. */
  get end(): number {
    return this.#work.length;
  }

  /** Takes back what was pushed since `end`. */
  rewind(end: number): void {
    this.#work.length = Math.min(this.#work.length, end);
  }

  /**
   * Submits everything that was pushed until its turn comes, that is at least what was pushed in this task so far.
   * Resolves once its reads are back and it is known what went wrong, which is told to the owners; rejects with why the
   * device is lost.
   */
  async submit(): Promise<void> {
    this.#turn ??= this.#takeTurn();
    return this.#turn;
  }

  async #takeTurn(): Promise<void> {
    const turn = this.#tail.then(async () => {
      this.#turn = null;
      const work = this.#work;
      this.#work = [];
      return this.#runner.run(work);
    });
    // The next batch need not wait for the values of this one.
    this.#tail = turn.catch(() => {});
    await (
      await turn
    ).settled;
    this.check();
  }

  /** Resolves when everything that was submitted has run; rejects with why the device is lost. */
  async idle(): Promise<void> {
    await this.#runner.idle();
    this.check();
  }
}
