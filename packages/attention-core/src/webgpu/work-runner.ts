// A batch of work on its way to the device: compiled, encoded in submissions of a size that suits the device, and its values
// brought back.

import { OutOfMemoryError } from "../errors.ts";
import { type Finding, GpuError, guarded } from "./gpu-error.ts";
import type { GpuMemory } from "./gpu-memory.ts";
import type { Kernel } from "./kernel.ts";
import type { Loss } from "./loss.ts";
import { Pace } from "./pace.ts";
import { Pipelines } from "./pipelines.ts";
import { createSlots, Submission } from "./submission.ts";
import type { Read, Work } from "./work.ts";

/** `GPUMapMode.READ` of the standard. */
const mapRead = 1;

/** What kernels compiled to, or why one did not. */
type Compiled = ReadonlyMap<string, GPUComputePipeline | Error>;

/** Where a batch of work stands: its next piece, and the next unit of that. */
interface Cursor {
  at: number;
  unit: number;
}

/** Runs batches, one after another. */
export class WorkRunner {
  readonly #device: GPUDevice;
  readonly #memory: GpuMemory;
  readonly #loss: Loss;
  readonly #pipelines: Pipelines;
  readonly #pace: Pace;
  readonly #slots = createSlots();

  constructor(device: GPUDevice, memory: GpuMemory, loss: Loss, isSoftware: boolean) {
    this.#device = device;
    this.#memory = memory;
    this.#loss = loss;
    this.#pipelines = new Pipelines(device);
    this.#pace = new Pace(isSoftware);
  }

  /** Begins to compile a kernel that will be needed. */
  prepare(kernel: Kernel): void {
    if (this.#loss.error === null) void this.#pipelines.get(kernel).catch(() => {});
  }

  /**
   * Submits a batch. Resolves once the device has all of it, to what settles when it is known what went wrong and all reads
   * are back; both never reject: what goes wrong is told to the owners.
   */
  async run(work: readonly Work[]): Promise<{ readonly settled: Promise<unknown> }> {
    const compiled = await this.#compile(work);
    const cursor: Cursor = { at: 0, unit: 0 };
    const all: Promise<unknown>[] = [];
    while (cursor.at < work.length) {
      const { isFull, checked } = this.#submit(work, cursor, compiled);
      all.push(checked);
      if (isFull) await this.idle();
    }
    return { settled: Promise.all(all) };
  }

  /** Resolves when everything that was submitted has run, or the device is gone. */
  async idle(): Promise<void> {
    const { mark } = this.#pace;
    try {
      await this.#loss.orGone(this.#device.queue.onSubmittedWorkDone());
      this.#pace.idle(mark, performance.now());
    } catch (error) {
      await this.#loss.causeOf(error);
    }
  }

  async #compile(work: readonly Work[]): Promise<Compiled> {
    const compiled = new Map<string, GPUComputePipeline | Error>();
    const kernels = new Map(work.flatMap((one) => (one.kind === "dispatch" ? [[one.kernel.key, one.kernel]] : [])));
    const all = [...kernels.values()].map(async (kernel) =>
      compiled.set(
        kernel.key,
        await this.#pipelines.get(kernel).catch(async (error: unknown) => this.#loss.causeOf(error)),
      ),
    );
    await this.#loss.orGone(Promise.all(all));
    return compiled;
  }

  /** Encodes and submits as much as should go at once, from the cursor on. */
  #submit(work: readonly Work[], cursor: Cursor, compiled: Compiled): { isFull: boolean; checked: Promise<unknown> } {
    const { error: lost } = this.#loss;
    if (lost !== null) return { isFull: false, checked: leaveOut(work, cursor, lost) };
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
    const error = await this.#loss.causeOf(cause);
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
      if (staging !== null) await this.#loss.orGone(staging.mapAsync(mapRead, 0, readBytes));
      this.#loss.check();
      const error = await checked;
      if (error !== null) throw error;
      this.#pace.idle(mark, performance.now());
      const mapped = staging?.getMappedRange(0, readBytes) ?? new ArrayBuffer(0);
      for (const { read, firstByte } of reads) {
        if (read.owner.dropped) read.failed(leftOut());
        else read.done(mapped, firstByte);
      }
    } catch (cause) {
      const error = (await checked) ?? (await this.#loss.causeOf(cause));
      for (const { read } of reads) read.failed(error);
    } finally {
      if (staging !== null) {
        if (staging.mapState !== "unmapped") staging.unmap();
        this.#memory.giveStaging(staging);
      }
    }
  }
}

/** What is left of a batch on a device that is gone. */
async function leaveOut(work: readonly Work[], cursor: Cursor, error: Error): Promise<void> {
  for (; cursor.at < work.length; cursor.at += 1) {
    const one = work[cursor.at]!;
    if (one.kind === "step") one.run();
    if (one.kind === "read") one.failed(error);
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
