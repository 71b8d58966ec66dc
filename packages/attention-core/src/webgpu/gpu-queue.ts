// The work of a device, in the order in which it was asked for, whoever asked. It is submitted when somebody waits for it:
// what was asked for until then goes in one submission, unless that would take too long, see `pace.ts`.

import { OutOfMemoryError } from "../errors.ts";
import { type Finding, GpuError, guarded } from "./gpu-error.ts";
import type { GpuMemory } from "./gpu-memory.ts";
import type { Kernel } from "./kernel.ts";
import { Pace } from "./pace.ts";
import { Pipelines } from "./pipelines.ts";
import { createSlots, Submission } from "./submission.ts";
import type { Read, Work } from "./work.ts";

export type { WorkOwner } from "./work.ts";

/** `GPUMapMode.READ` of the standard. */
const mapRead = 1;

/** How long after what fails by it the loss of a device may be told. */
const lossMilliseconds = 1000;

/** What kernels compiled to, or why one did not. */
type Compiled = ReadonlyMap<string, GPUComputePipeline | Error>;

/** Where a batch of work stands: its next piece, and the next unit of that. */
interface Cursor {
  at: number;
  unit: number;
}

/** Encodes and submits work. */
export class GpuQueue {
  readonly #device: GPUDevice;
  readonly #memory: GpuMemory;
  readonly #pipelines: Pipelines;
  readonly #pace: Pace;
  readonly #slots = createSlots();
  #work: Work[] = [];
  #turn: Promise<void> | null = null;
  #tail: Promise<void> = Promise.resolve();
  #lost: Error | null = null;
  readonly #gone: Promise<void>;
  #endWaits = (): void => {};

  constructor(device: GPUDevice, memory: GpuMemory, isSoftware: boolean) {
    this.#device = device;
    this.#memory = memory;
    this.#pipelines = new Pipelines(device);
    this.#pace = new Pace(isSoftware);
    this.#gone = new Promise((resolve) => (this.#endWaits = resolve));
  }

  /** From here on everything rejects with that, and what waits is let go. */
  lose(error: Error): void {
    this.#lost ??= error;
    this.#endWaits();
    // Buffers that are given back are still counted.
    this.submit().catch(() => {});
  }

  /** Throws once the device is lost. */
  check(): void {
    if (this.#lost !== null) throw this.#lost;
  }

  /** Puts work at the end. A kernel begins to be compiled at once. */
  push(work: Work): void {
    this.#work.push(work);
    if (work.kind === "dispatch") this.prepare(work.kernel);
  }

  /** Begins to compile a kernel that will be needed. */
  prepare(kernel: Kernel): void {
    if (this.#lost === null) void this.#pipelines.get(kernel).catch(() => {});
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
   * Resolves once the device has it; rejects with why it is lost. What goes wrong with work is told to its owner.
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
      await this.#run(work);
    });
    this.#tail = turn.catch(() => {});
    return turn;
  }

  /** Resolves when everything that was submitted has run. */
  async idle(): Promise<void> {
    const { mark } = this.#pace;
    try {
      await this.#orGone(this.#device.queue.onSubmittedWorkDone());
    } catch (error) {
      throw await this.#causeOf(error);
    }
    this.#pace.idle(mark, performance.now());
    this.check();
  }

  async #run(work: readonly Work[]): Promise<void> {
    const compiled = await this.#compile(work);
    const cursor: Cursor = { at: 0, unit: 0 };
    const told: Promise<unknown>[] = [];
    while (cursor.at < work.length) {
      const { isFull, checked } = this.#submit(work, cursor, compiled);
      told.push(checked);
      if (isFull) await this.idle().catch(() => {}); // a loss is found at the next submission
    }
    await Promise.all(told);
    this.check();
  }

  async #compile(work: readonly Work[]): Promise<Compiled> {
    const compiled = new Map<string, GPUComputePipeline | Error>();
    const kernels = new Map(work.flatMap((one) => (one.kind === "dispatch" ? [[one.kernel.key, one.kernel]] : [])));
    const all = [...kernels.values()].map(async (kernel) =>
      compiled.set(kernel.key, await this.#pipelines.get(kernel).catch(async (error: unknown) => this.#causeOf(error))),
    );
    await Promise.race([Promise.all(all), this.#gone]);
    return compiled;
  }

  /** Encodes and submits as much as should go at once, from the cursor on. */
  #submit(work: readonly Work[], cursor: Cursor, compiled: Compiled): { isFull: boolean; checked: Promise<unknown> } {
    if (this.#lost !== null) return { isFull: false, checked: this.#leaveOut(work, cursor, this.#lost) };
    const submission = new Submission(this.#device, this.#memory, this.#slots);
    const steps: (() => void)[] = [];
    try {
      const { result: isFull, found } = guarded(this.#device, () => {
        const full = this.#encode(submission, work, cursor, compiled, steps);
        submission.submit();
        return full;
      });
      const checked = found.then((finding) => this.#tell(submission, finding));
      return { isFull, checked: submission.reads.length === 0 ? checked : this.#deliver(submission, checked) };
    } catch (error) {
      // A device that goes may refuse calls before it says so.
      cursor.at += 1;
      return { isFull: false, checked: this.#refuse(submission, error) };
    } finally {
      for (const step of steps) step();
    }
  }

  async #refuse({ owners, reads }: Submission, cause: unknown): Promise<void> {
    const error = await this.#causeOf(cause);
    for (const owner of owners) owner.fail(error);
    for (const { read } of reads) read.failed(error);
  }

  /** Returns whether the device should be idle before the rest is submitted. */
  #encode(
    submission: Submission,
    work: readonly Work[],
    cursor: Cursor,
    compiled: Compiled,
    steps: (() => void)[],
  ): boolean {
    for (; cursor.at < work.length; cursor.at += 1, cursor.unit = 0) {
      const one = work[cursor.at]!;
      if (one.kind === "step") {
        steps.push(one.run);
      } else if (one.owner.dropped) {
        if (one.kind === "read") one.failed(leftOut());
      } else if (one.kind === "copy") {
        submission.copy(one);
      } else if (one.kind === "read") {
        if (!submission.hasRoomForRead(one)) return false;
        submission.read(one, () => bytesToRead(work, cursor.at));
      } else {
        const { key } = one.kernel;
        const pipeline = compiled.get(key);
        if (pipeline === undefined || pipeline instanceof Error) {
          one.owner.fail(pipeline ?? leftOut());
          continue;
        }
        while (cursor.unit < one.units) {
          if (this.#pace.isFull(key, one.unitCost)) return true;
          if (!submission.hasRoomForRun) return false;
          const room = Math.min(this.#pace.room(key, one.unitCost), submission.mostUnits);
          const end = Math.min(one.units, cursor.unit + room);
          submission.run(one, pipeline, cursor.unit, end);
          this.#pace.add(key, (end - cursor.unit) * one.unitCost, performance.now());
          cursor.unit = end;
        }
      }
    }
    return false;
  }

  /** What is left of a batch on a device that is gone. */
  async #leaveOut(work: readonly Work[], cursor: Cursor, error: Error): Promise<void> {
    for (; cursor.at < work.length; cursor.at += 1) {
      const one = work[cursor.at]!;
      if (one.kind === "step") one.run();
      if (one.kind === "read") one.failed(error);
    }
  }

  /** Tells those whose work was in a submission what went wrong with it. */
  #tell({ owners, buffers }: Submission, finding: Finding | null): Error | null {
    if (finding === null) return null;
    const missing = [...buffers].map((buffer) => this.#memory.whyBroken(buffer)).find((error) => error !== null);
    const error = missing ?? errorOf(finding);
    for (const owner of owners) owner.fail(error);
    return error;
  }

  /** Brings the values of a submission back, all at once. */
  async #deliver({ reads, staging, readBytes }: Submission, checked: Promise<Error | null>): Promise<void> {
    const { mark } = this.#pace;
    try {
      if (staging !== null) await this.#orGone(staging.mapAsync(mapRead, 0, readBytes));
      this.check();
      const error = await checked;
      if (error !== null) throw error;
      this.#pace.idle(mark, performance.now());
      const mapped = staging?.getMappedRange(0, readBytes) ?? new ArrayBuffer(0);
      for (const { read, firstByte } of reads) {
        if (read.owner.dropped) read.failed(leftOut());
        else read.done(mapped, firstByte);
      }
    } catch (cause) {
      const error = (await checked) ?? (await this.#causeOf(cause));
      for (const { read } of reads) read.failed(error);
    } finally {
      if (staging !== null) {
        if (staging.mapState !== "unmapped") staging.unmap();
        this.#memory.giveStaging(staging);
      }
    }
  }

  /** What `error` comes from: browsers tell of a loss a little after what fails by it. */
  async #causeOf(error: unknown): Promise<Error> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, lossMilliseconds)));
    await Promise.race([this.#gone, late]);
    clearTimeout(timer);
    return this.#lost ?? (error as Error);
  }

  /** What `work` comes to, or nothing once the device is gone: not every promise of a lost device settles. */
  async #orGone<T>(work: Promise<T>): Promise<T | void> {
    work.catch(() => {});
    return Promise.race([work, this.#gone]);
  }
}

/** Bytes of all reads from a piece of work on. */
function bytesToRead(work: readonly Work[], from: number): number {
  let bytes = 0;
  for (let i = from; i < work.length; i += 1)
    bytes += (work[i] as Partial<Read>).kind === "read" ? (work[i] as Read).bytes : 0;
  return bytes;
}

function errorOf({ filter, message }: Finding): Error {
  const text = `Cannot run on the GPU: ${message}`;
  return filter === "out-of-memory" ? new OutOfMemoryError(text, 0, 0) : new GpuError(text, filter);
}

/** Of work whose owner gave up: who waits for it has heard already. */
function leftOut(): Error {
  return new GpuError("Cannot run on the GPU: the work must be wanted, it was given up", "validation");
}
