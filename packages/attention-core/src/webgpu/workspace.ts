// The operations as work of a queue. Each checks its arguments, makes its result and pushes its work; nothing is submitted
// before `checkpoint`, `read` or disposal.

import type { Activation, Attended, AttentionOptions, Pooling, RotationOptions, Workspace } from "../backend.ts";
import { checkAttention } from "../check-attention.ts";
import {
  checkActivate,
  checkAppend,
  checkConcatenate,
  checkElementwise,
  checkEmbed,
  checkLinear,
  checkNorm,
  checkPool,
  checkRead,
  checkReshape,
  checkRotate,
  checkSlice,
  checkSoftmax,
  checkUnfold,
  checkUpload,
} from "../check-operation.ts";
import { dispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import { nextTask } from "../next-task.ts";
import type { AttentionPlan } from "../plan.ts";
import { type DType, type DTypeOf, type Shape, sizeOf, type Tensor, type Values } from "../tensor.ts";
import { submitAttention } from "./attention.ts";
import type { GpuMemory } from "./gpu-memory.ts";
import type { GpuQueue, WorkOwner } from "./gpu-queue.ts";
import { floatBits, type Kernel } from "./kernel.ts";
import { activateKernel, combineKernel, elementsPerUnit, fillKernel } from "./kernels/elementwise.wgsl.ts";
import { copyColumnsKernel, gatherKernel, rotateKernel } from "./kernels/moves.wgsl.ts";
import { poolKernel } from "./kernels/pool.wgsl.ts";
import { layerNormKernel, rmsNormKernel, softmaxKernel } from "./kernels/rows.wgsl.ts";
import { submitLinear } from "./linear.ts";
import { layOutPlan, type PlanBuffers } from "./plan-buffers.ts";
import { GpuTensor, type Storage } from "./tensor.ts";

/** What a workspace needs of its backend. */
export interface WorkspaceOwner {
  readonly memory: GpuMemory;
  readonly queue: GpuQueue;
  readonly disposed: boolean;
  /** A tensor that outlives workspaces. */
  keepTensor<D extends DType>(shape: Shape, dtype: D): GpuTensor<D>;
  forget(workspace: GpuWorkspace): void;
}

/** Where operations with more than one kernel put their work. */
export interface GpuHost {
  /** The buffer of a tensor of this workspace or its backend. */
  buffer(x: Tensor<DType>): GPUBuffer;
  make<D extends DType>(shape: Shape, dtype: D): GpuTensor<D>;
  /** A tensor with values of the host. */
  store(values: Int32Array | Float32Array): GpuTensor<DType>;
  plan(plan: AttentionPlan): PlanBuffers;
  /** Fills a tensor with one number. */
  fill(x: Tensor, value: number): void;
  run(
    kernel: Kernel,
    buffers: readonly GPUBuffer[],
    parameters: readonly number[],
    units: number,
    unitCost: number,
  ): void;
}

/** A workspace over the queue of a device. */
export class GpuWorkspace implements Workspace, GpuHost, WorkOwner {
  readonly #owner: WorkspaceOwner;
  readonly #signal: AbortSignal | undefined;
  readonly #storages = new Set<Storage>();
  readonly #plans = new Map<AttentionPlan, PlanBuffers>();
  readonly #views: Tensor<DType>[] = [];
  #disposed = false;

  constructor(owner: WorkspaceOwner, signal: AbortSignal | undefined) {
    this.#owner = owner;
    this.#signal = signal;
  }

  /** An aborted workspace's work is left out. */
  get dropped(): boolean {
    return this.#signal?.aborted === true;
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): GpuTensor<DTypeOf<V>> {
    this.check();
    const dtype = checkUpload(values, shape) as DTypeOf<V>;
    const tensor = this.make(shape, dtype);
    this.#write(tensor, values);
    return tensor;
  }

  embed(table: Tensor, ids: Tensor<"i32">): Tensor {
    this.check();
    const { V, W, P, T } = checkEmbed(table, ids);
    return this.#gather(table, ids, V, W, [P, T * W]);
  }

  unfold(x: Tensor, windows: Tensor<"i32">): Tensor {
    this.check();
    const { P, W, R, T } = checkUnfold(x, windows);
    return this.#gather(x, windows, P, W, [R, T * W]);
  }

  #gather(x: Tensor, ids: Tensor<"i32">, rows: number, width: number, shape: Shape): Tensor {
    const buffers = [this.buffer(x), this.buffer(ids)];
    const out = this.make(shape, "f32");
    this.#each(gatherKernel, [...buffers, this.buffer(out)], sizeOf(shape), [rows, width]);
    return out;
  }

  linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, activation: Activation | null = null): Tensor {
    this.check();
    checkLinear(x, weight, bias, activation);
    return submitLinear(this, x, weight, bias, activation);
  }

  activate(x: Tensor, activation: Activation): Tensor {
    this.check();
    const { size } = checkActivate(x, activation);
    const from = this.buffer(x);
    const out = this.make(x.shape, "f32");
    this.#each(activateKernel(activation), [from, this.buffer(out)], size, []);
    return out;
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#combine("add", a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return this.#combine("multiply", a, b);
  }

  #combine(operation: "add" | "multiply", a: Tensor, b: Tensor): Tensor {
    this.check();
    const { size, period } = checkElementwise(operation, a, b);
    const buffers = [this.buffer(a), this.buffer(b)];
    const out = this.make(a.shape, "f32");
    this.#each(combineKernel(operation), [...buffers, this.buffer(out)], size, [period]);
    return out;
  }

  layerNorm(x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
    this.check();
    const { P, W } = checkNorm("layerNorm", x, gain, bias, epsilon);
    const buffers = [x, gain, ...(bias === null ? [] : [bias])].map((each) => this.buffer(each));
    const out = this.make([P, W], "f32");
    this.run(layerNormKernel(bias !== null), [...buffers, this.buffer(out)], [W, floatBits(epsilon)], P, 4 * W);
    return out;
  }

  rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
    this.check();
    const { P, W } = checkNorm("rmsNorm", x, gain, null, epsilon);
    const buffers = [this.buffer(x), this.buffer(gain)];
    const out = this.make([P, W], "f32");
    this.run(rmsNormKernel, [...buffers, this.buffer(out)], [W, floatBits(epsilon)], P, 3 * W);
    return out;
  }

  softmax(x: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    this.check();
    const { P, W } = checkSoftmax(x);
    const from = this.buffer(x);
    const out = this.make([P, W], "f32");
    this.run(softmaxKernel(options.log === true), [from, this.buffer(out)], [W, floatBits(NaN)], P, 8 * W);
    return out;
  }

  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: AttentionOptions): Attended {
    this.check();
    return submitAttention(this, q, k, v, plan, checkAttention(q, k, v, plan, options));
  }

  pool(x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
    this.check();
    const { N, P, W } = checkPool(x, offsets, how);
    const from = this.buffer(x);
    const out = this.make([N, W], "f32");
    const sets = this.store(offsets);
    const cost = elementsPerUnit * Math.max(1, Math.ceil(P / Math.max(1, N)));
    const units = Math.ceil((N * W) / elementsPerUnit);
    this.run(poolKernel(how), [from, this.buffer(sets), this.buffer(out)], [N * W, W], units, cost);
    sets[dispose]();
    return out;
  }

  rotate(x: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    this.check();
    const { P, H, D, width, interleaved, rows } = checkRotate(x, positions, cos, sin, options);
    const buffers = [x, positions, cos, sin].map((each) => this.buffer(each as Tensor<DType>));
    const out = this.make(x.shape, "f32");
    this.#each(rotateKernel(interleaved), [...buffers, this.buffer(out)], P * H * D, [H * D, D, width, rows]);
    return out;
  }

  concatenate(parts: readonly Tensor[]): Tensor {
    this.check();
    const { P, W, widths } = checkConcatenate(parts);
    const buffers = parts.map((part) => this.buffer(part));
    const out = this.make([P, W], "f32");
    let column = 0;
    widths.forEach((width, i) => {
      const places = [buffers[i]!, this.buffer(out)];
      this.#each(copyColumnsKernel, places, P * width, [width, 0, W, column, width]);
      column += width;
    });
    return out;
  }

  slice(x: Tensor, from: number, to: number): Tensor {
    this.check();
    const { P, W } = checkSlice(x, from, to);
    const source = this.buffer(x);
    const width = to - from;
    const out = this.make([P, width], "f32");
    this.#each(copyColumnsKernel, [source, this.buffer(out)], P * width, [W, from, width, 0, width]);
    return out;
  }

  append(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): Tensor {
    this.check();
    const { N, P, W, offsets } = checkAppend(parts);
    const buffers = parts.map(({ rows }) => this.buffer(rows));
    const out = this.make([P, W], "f32");
    const to = this.buffer(out);
    for (let n = 0; n < N; n += 1) {
      let target = offsets[n]!;
      parts.forEach((part, i) => {
        const [start, end] = [part.offsets[n]!, part.offsets[n + 1]!];
        this.#copy(buffers[i]!, 4 * W * start, to, 4 * W * target, 4 * W * (end - start));
        target += end - start;
      });
    }
    return out;
  }

  reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
    this.check();
    checkReshape(x, shape);
    const storage = this.#storage(x);
    const view = new GpuTensor(storage, shape, x.dtype);
    if (storage.owner !== this) this.#views.push(view);
    return view;
  }

  async read<D extends DType>(x: Tensor<D>, into?: Values<D>): Promise<Values<D>> {
    this.check();
    const from = this.buffer(x);
    checkRead(x, into);
    this.#signal?.throwIfAborted();
    const size = sizeOf(x.shape);
    const { memory, queue } = this.#owner;
    const staging = memory.staging(4 * size);
    try {
      this.#copy(from, 0, staging, 0, 4 * size);
      await this.#orAborted(this.#map(staging));
      this.#signal?.throwIfAborted();
      const bytes = staging.getMappedRange();
      const values = x.dtype === "f32" ? new Float32Array(bytes, 0, size) : new Int32Array(bytes, 0, size);
      if (into === undefined) return values.slice() as Values<D>;
      into.set(values);
      return into;
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw await queue.causeOf(error);
    } finally {
      memory.drop(staging);
    }
  }

  async #map(staging: GPUBuffer): Promise<void> {
    await this.#owner.queue.submit();
    await staging.mapAsync(mapRead);
  }

  keep<D extends DType>(x: Tensor<D>): Tensor<D> {
    this.check();
    const from = this.buffer(x);
    const kept = this.#owner.keepTensor(x.shape, x.dtype);
    this.#copy(from, 0, kept.storage.buffer, 0, 4 * sizeOf(x.shape));
    return kept;
  }

  async checkpoint(): Promise<void> {
    this.check();
    this.#signal?.throwIfAborted();
    await this.#orAborted(this.#settle());
    this.#signal?.throwIfAborted();
  }

  async #settle(): Promise<void> {
    const { queue } = this.#owner;
    await queue.submit();
    await queue.idle();
    await nextTask();
  }

  /** What `work` comes to, unless the signal aborts first: the device goes on with what it has, and nobody waits. */
  async #orAborted<T>(work: Promise<T>): Promise<T> {
    const signal = this.#signal;
    if (signal === undefined) return work;
    let stop = (): void => {};
    const aborted = new Promise<never>((_, reject) => (stop = () => reject(signal.reason)));
    signal.addEventListener("abort", stop);
    try {
      return await Promise.race([work, aborted]);
    } finally {
      work.catch(() => {});
      signal.removeEventListener("abort", stop);
    }
  }

  [dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const view of this.#views) view[dispose]();
    for (const storage of this.#storages) this.#giveBack(storage);
    this.#storages.clear();
    this.#owner.forget(this);
    // What was kept or is being read is made first; then the memory comes back.
    this.#owner.queue.submit().catch(() => {});
  }

  buffer(x: Tensor<DType>): GPUBuffer {
    return this.#storage(x).buffer;
  }

  make<D extends DType>(shape: Shape, dtype: D): GpuTensor<D> {
    const storage: Storage = {
      buffer: this.#owner.memory.take(4 * sizeOf(shape)),
      owner: this,
      references: 0,
      release: () => {
        if (this.#storages.delete(storage)) this.#giveBack(storage);
      },
    };
    this.#storages.add(storage);
    return new GpuTensor(storage, shape, dtype);
  }

  store(values: Int32Array | Float32Array): GpuTensor<DType> {
    const tensor = this.make([values.length], values instanceof Float32Array ? "f32" : "i32");
    this.#write(tensor, values);
    return tensor as GpuTensor<DType>;
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
    this.#each(fillKernel, [this.buffer(x)], sizeOf(x.shape), [floatBits(value)]);
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

  /** A thread for each of `size` elements, which is the first parameter. */
  #each(kernel: Kernel, buffers: readonly GPUBuffer[], size: number, parameters: readonly number[]): void {
    this.run(kernel, buffers, [size, ...parameters], Math.ceil(size / elementsPerUnit), 4 * elementsPerUnit);
  }

  #write(tensor: GpuTensor<DType>, values: Float32Array | Int32Array): void {
    if (values.length === 0) return;
    const { buffer } = tensor.storage;
    this.#owner.queue.push({ kind: "write", owner: this, buffer, values: values.slice() });
  }

  #copy(from: GPUBuffer, fromByte: number, to: GPUBuffer, toByte: number, bytes: number): void {
    this.#owner.queue.push({ kind: "copy", owner: this, from, fromByte, to, toByte, bytes });
  }

  #giveBack({ buffer }: Storage): void {
    const { memory, queue } = this.#owner;
    queue.push({ kind: "step", run: () => memory.give(buffer) });
  }

  /** Throws `DisposedError` or `DeviceLostError` where nothing can be computed any more: at the start of every operation. */
  check(): void {
    if (this.#disposed) throw new DisposedError("Cannot use a workspace: it is disposed");
    if (this.#owner.disposed) throw new DisposedError("Cannot use a workspace: its backend is disposed");
    this.#owner.queue.check();
  }

  #storage(x: Tensor<DType>): Storage {
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

/** `GPUMapMode.READ` of the standard. */
const mapRead = 1;
