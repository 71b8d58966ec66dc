// A workspace's memory and its place in the queue: what it makes goes when it is closed, what it waits for ends when its
// signal aborts, and what went wrong with its work is told to whoever waits.

import { dispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import { nextTask } from "../next-task.ts";
import type { AttentionPlan } from "../plan.ts";
import { type DType, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { submitFill } from "./elementwise.ts";
import type { GpuHost } from "./gpu-host.ts";
import { submitWiden } from "./halves.ts";
import type { Kernel } from "./kernel.ts";
import { layOutPlan, type PlanBuffers } from "./plan-buffers.ts";
import { GpuTensor, type Storage } from "./tensor.ts";
import type { Variants } from "./variants.ts";
import { untilAborted } from "./until-aborted.ts";
import type { WorkOwner } from "./work.ts";
import type { WorkspaceOwner } from "./workspace-owner.ts";

/** Memory and work of one batch. */
export class GpuArena implements GpuHost, WorkOwner {
  readonly #owner: WorkspaceOwner;
  readonly #signal: AbortSignal | undefined;
  readonly #storages = new Set<Storage>();
  readonly #plans = new Map<AttentionPlan, PlanBuffers>();
  readonly #views: Tensor<DType>[] = [];
  /** Reads under way, and tensors that were kept: they want the work done even after the end of the workspace. */
  #claims = 0;
  #fault: Error | null = null;
  #closed = false;

  constructor(owner: WorkspaceOwner, signal: AbortSignal | undefined) {
    this.#owner = owner;
    this.#signal = signal;
    owner.register(this);
  }

  get variants(): Variants {
    return this.#owner.variants;
  }

  get workgroupBytes(): number {
    return this.#owner.workgroupBytes;
  }

  /** Whether nobody wants the work any more. */
  get dropped(): boolean {
    return this.#signal?.aborted === true || (this.#closed && this.#claims === 0);
  }

  fail(error: Error): void {
    this.#fault ??= error;
  }

  /** Throws `DisposedError` or `DeviceLostError` where nothing can be made any more. */
  check(): void {
    if (this.#closed) throw new DisposedError("Cannot use a workspace: it is disposed");
    if (this.#owner.disposed) throw new DisposedError("Cannot use a workspace: its backend is disposed");
    this.#owner.queue.check();
  }

  buffer(x: Tensor<DType>): GPUBuffer {
    const { buffer, isHalves } = this.#storageOf(x);
    return isHalves ? submitWiden(this, buffer, x.shape) : buffer;
  }

  halves(x: Tensor): GPUBuffer | null {
    const { buffer, isHalves } = this.#storageOf(x);
    return isHalves ? buffer : null;
  }

  make<D extends DType>(shape: Shape, dtype: D): GpuTensor<D> {
    const storage: Storage = {
      buffer: this.#owner.memory.take(4 * sizeOf(shape)),
      isHalves: false,
      owner: this,
      references: 0,
      release: () => {
        if (this.#storages.delete(storage)) this.#giveBack(storage);
      },
    };
    this.#storages.add(storage);
    return new GpuTensor(storage, shape, dtype);
  }

  /** A tensor with values of the host, which are copied. */
  protected makeOf<D extends DType>(values: Float32Array | Int32Array, shape: Shape, dtype: D): GpuTensor<D> {
    const tensor = this.make(shape, dtype);
    if (values.length > 0) this.#owner.memory.write(tensor.storage.buffer, values);
    return tensor;
  }

  store(values: Int32Array | Float32Array): GpuTensor<DType> {
    const dtype: DType = values instanceof Float32Array ? "f32" : "i32";
    return this.makeOf(values, [values.length], dtype);
  }

  plan(plan: AttentionPlan): PlanBuffers {
    let buffers = this.#plans.get(plan);
    if (buffers === undefined) {
      buffers = layOutPlan(this, plan);
      this.#plans.set(plan, buffers);
    }
    return buffers;
  }

  fill(x: Tensor, value: number): void {
    submitFill(this, x, value);
  }

  run(
    kernel: Kernel,
    buffers: readonly GPUBuffer[],
    parameters: readonly number[],
    units: number,
    unitCost: number,
  ): void {
    if (units === 0) return;
    this.#owner.queue.push({ kind: "dispatch", owner: this, kernel, buffers, parameters, units, unitCost });
  }

  copy(from: GPUBuffer, fromByte: number, to: GPUBuffer, toByte: number, bytes: number): void {
    this.#owner.queue.push({ kind: "copy", owner: this, from, fromByte, to, toByte, bytes });
  }

  /** What `body` makes, or nothing of it where it throws: memory comes back, and its work is not done. */
  protected whole<T>(body: () => T): T {
    const { queue } = this.#owner;
    const { end } = queue;
    const before = new Set(this.#storages);
    const plans = new Set(this.#plans.keys());
    try {
      return body();
    } catch (error) {
      queue.rewind(end);
      for (const plan of this.#plans.keys()) if (!plans.has(plan)) this.#plans.delete(plan);
      for (const storage of this.#storages) if (!before.has(storage)) storage.release();
      throw error;
    }
  }

  protected view<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
    const storage = this.#storageOf(x);
    const view = new GpuTensor(storage, shape, x.dtype);
    if (storage.owner !== this) this.#views.push(view);
    return view;
  }

  protected keepCopy<D extends DType>(x: Tensor<D>): Tensor<D> {
    const given = this.buffer(x);
    const kept = this.#owner.keepTensor(x.shape, x.dtype);
    this.#claims += 1;
    this.copy(given, 0, kept.storage.buffer, 0, 4 * sizeOf(x.shape));
    return kept;
  }

  /** Hands the first bytes of a buffer to `done`, as they are at the call; they are there only for as long as it runs. */
  protected async readBytes(
    from: GPUBuffer,
    bytes: number,
    done: (mapped: ArrayBuffer, firstByte: number) => void,
  ): Promise<void> {
    this.#signal?.throwIfAborted();
    const { queue } = this.#owner;
    this.#claims += 1;
    const read = new Promise<void>((resolve, reject) => {
      const settle = (error: Error | null): void => {
        this.#claims -= 1;
        if (error === null) resolve();
        else reject(error);
      };
      queue.push({
        kind: "read",
        owner: this,
        from,
        bytes,
        done: (mapped, firstByte) => {
          try {
            done(mapped, firstByte);
            settle(null);
          } catch (error) {
            settle(error as Error); // an array that was transferred in the meantime
          }
        },
        failed: settle,
      });
    });
    await this.#orAborted(Promise.all([read, queue.submit()]));
  }

  protected async settle(): Promise<void> {
    this.#signal?.throwIfAborted();
    const { queue } = this.#owner;
    const idle = async (): Promise<void> => {
      await queue.submit();
      await queue.idle();
      await nextTask();
    };
    await this.#orAborted(idle());
  }

  /** Waits for `work`. Rejects with the signal's reason, or with what went wrong with the work of this workspace. */
  async #orAborted(work: Promise<unknown>): Promise<void> {
    try {
      await untilAborted(work, this.#signal);
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw this.#fault ?? error;
    }
    if (this.#fault !== null) throw this.#fault;
  }

  protected close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const view of this.#views) view[dispose]();
    for (const storage of this.#storages) this.#giveBack(storage);
    this.#storages.clear();
    this.#owner.forget(this);
    // What was kept or is being read is made first; then the memory comes back.
    this.#owner.queue.submit().catch(() => {});
  }

  #giveBack({ buffer }: Storage): void {
    const { memory, queue } = this.#owner;
    queue.push({ kind: "step", run: () => memory.give(buffer) });
  }

  #storageOf(x: Tensor<DType>): Storage {
    if (!(x instanceof GpuTensor)) throw new TypeError("Cannot use a tensor: it must have been made by this backend");
    const { storage } = x as GpuTensor<DType>;
    if (storage.owner !== this && storage.owner !== this.#owner) {
      throw new TypeError(
        "Cannot use a tensor: it must have been made by this workspace, uploaded to its backend or kept",
      );
    }
    return storage;
  }
}
