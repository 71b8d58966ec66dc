// A backend over a GPU device: tensors that stay, and the workspaces that are open.

import type { Backend, BackendLimits } from "../backend.ts";
import { checkUpload } from "../check-operation.ts";
import { compilePlan } from "../compile-plan.ts";
import { asyncDispose } from "../disposal.ts";
import { DeviceLostError, DisposedError } from "../errors.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionPlan } from "../plan.ts";
import { type DType, type DTypeOf, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { GpuError } from "./gpu-error.ts";
import { GpuMemory } from "./gpu-memory.ts";
import { halvesOf, mayBeHalves } from "./halves.ts";
import { fewQueriesBytes } from "./kernels/attention-tile-sizes.ts";
import { GpuQueue } from "./gpu-queue.ts";
import type { OpenDevice } from "./open-device.ts";
import { GpuTensor, type Storage } from "./tensor.ts";
import type { Variants } from "./variants.ts";
import type { WorkOwner } from "./work.ts";
import { GpuWorkspace, type WorkspaceOwner } from "./workspace.ts";

/** The backend, and what it came to be. */
export interface WebgpuBackend extends Backend {
  readonly name: "webgpu";
  /** Maker, architecture and name of the adapter, as far as the browser tells. */
  readonly adapter: string;
  /** Whether a program does the work of the GPU: right, and slow. */
  readonly isSoftware: boolean;
  /** What of the device's optional features is used, after a test of each. */
  readonly variants: Variants;
  readonly reason: string | null;
  /** Bytes of buffers in use now, the most that ever were, and of all that exist: those that wait for use among them. */
  readonly liveBytes: number;
  readonly peakBytes: number;
  readonly memoryBytes: number;
}

/** See `createWebgpuBackend`. */
export class Webgpu implements WebgpuBackend, WorkspaceOwner {
  readonly name = "webgpu";
  readonly adapter: string;
  readonly isSoftware: boolean;
  readonly variants: Variants;
  readonly workgroupBytes: number;
  readonly reason: string | null;
  readonly limits: BackendLimits;
  readonly lost: Promise<string>;
  readonly memory: GpuMemory;
  readonly queue: GpuQueue;
  /** Held until the end: see `OpenDevice`. */
  #opened: OpenDevice | null;
  readonly #workspaces = new Set<WorkOwner>();
  #disposed = false;

  constructor(opened: OpenDevice) {
    const { device, adapter, isSoftware, variants, reason } = opened;
    this.#opened = opened;
    this.adapter = adapter;
    this.isSoftware = isSoftware;
    this.variants = variants;
    this.workgroupBytes = isSoftware ? fewQueriesBytes : device.limits.maxComputeWorkgroupStorageSize;
    this.reason = reason;
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const maxBufferBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    this.limits = { maxBufferBytes, dtypes: ["f32", "i32"] };
    this.memory = new GpuMemory(device, maxBufferBytes);
    this.queue = new GpuQueue(device, this.memory, isSoftware);
    // What no scope caught can be anybody's.
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const error = new GpuError(`Cannot run on the GPU: ${event.error.message}`, "validation");
      for (const workspace of this.#workspaces) workspace.fail(error);
    });
    // A device that its backend destroys is not lost.
    this.lost = new Promise((resolve) => {
      void device.lost.then(({ message, reason: kind }) => {
        if (this.#disposed) return;
        const why = message.replace(/\.$/, "") || kind;
        this.queue.lose(new DeviceLostError(`Cannot go on: the GPU device must last, it was lost: ${why}`));
        resolve(why);
      });
    });
  }

  get liveBytes(): number {
    return this.memory.liveBytes;
  }

  get peakBytes(): number {
    return this.memory.peakBytes;
  }

  get memoryBytes(): number {
    return this.memory.createdBytes;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>> {
    this.check();
    const dtype = checkUpload(values, shape) as DTypeOf<V>;
    const halves = this.variants.f16 && values instanceof Float32Array && mayBeHalves(shape) ? halvesOf(values) : null;
    const tensor = this.#tensor(shape, dtype, halves !== null);
    if (values.length > 0) this.memory.write(tensor.storage.buffer, halves ?? values);
    return tensor;
  }

  plan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan {
    return compilePlan(queries, keys, pattern);
  }

  workspace(signal?: AbortSignal): GpuWorkspace {
    this.check();
    const workspace = new GpuWorkspace(this, signal);
    return workspace;
  }

  register(workspace: WorkOwner): void {
    this.#workspaces.add(workspace);
  }

  keepTensor<D extends DType>(shape: Shape, dtype: D): GpuTensor<D> {
    return this.#tensor(shape, dtype, false);
  }

  #tensor<D extends DType>(shape: Shape, dtype: D, isHalves: boolean): GpuTensor<D> {
    const buffer = this.memory.take((isHalves ? 2 : 4) * sizeOf(shape));
    const storage: Storage = {
      buffer,
      isHalves,
      owner: this,
      references: 0,
      release: () => {
        if (this.#disposed) return;
        this.queue.push({ kind: "step", run: () => this.memory.give(buffer) });
        this.queue.submit().catch(() => {});
      },
    };
    return new GpuTensor(storage, shape, dtype);
  }

  forget(workspace: WorkOwner): void {
    this.#workspaces.delete(workspace);
  }

  async [asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.queue.lose(new DisposedError("Cannot use the WebGPU backend: it is disposed"));
    this.memory.clear();
    this.#opened?.device.destroy();
    this.#opened = null;
  }

  /** Throws `DisposedError` or `DeviceLostError` where nothing can be made any more. */
  check(): void {
    if (this.#disposed) throw new DisposedError("Cannot use the WebGPU backend: it is disposed");
    this.queue.check();
  }
}
