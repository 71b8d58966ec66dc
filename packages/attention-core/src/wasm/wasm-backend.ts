// A backend over a device: tensors that stay, weights as panels, plans as images, and the workspaces that are open.

import type { Backend, BackendLimits } from "../backend.ts";
import { checkUpload } from "../check-operation.ts";
import { compilePlan } from "../compile-plan.ts";
import { asyncDispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionPlan } from "../plan.ts";
import type { DType, DTypeOf, Shape, Tensor } from "../tensor.ts";
import type { Device } from "./device.ts";
import type { Executor } from "./executor.ts";
import type { BinaryName } from "./loader.ts";
import { fits, type HeadLayout, layOutPlan, type PlanImage } from "./plan-image.ts";
import { bytesOf, type Storage, WasmTensor } from "./tensor.ts";
import type { WasmWorkspace, WorkspaceOwner } from "./workspace.ts";

/** The backend, and what it came to be. */
export interface WasmBackend extends Backend {
  readonly name: "wasm";
  readonly binary: BinaryName;
  readonly threads: number;
  /** Why there are fewer threads than were asked for, or null. */
  readonly reason: string | null;
  /** Bytes of linear memory that are handed out now, the most that ever were, and the size of the memory. */
  readonly liveBytes: number;
  readonly peakBytes: number;
  readonly memoryBytes: number;
}

/** Opens a workspace of a backend; `signal` aborts it. */
export type OpenWorkspace<W extends WasmWorkspace> = (owner: WorkspaceOwner, signal: AbortSignal | undefined) => W;

/** Workspaces are of the kind that `open` makes. */
export class Wasm<W extends WasmWorkspace> implements WasmBackend {
  readonly name = "wasm";
  readonly binary: BinaryName;
  readonly reason: string | null;
  readonly limits: BackendLimits;
  readonly executor: Executor;
  readonly #open: OpenWorkspace<W>;
  readonly #workspaces = new Set<WasmWorkspace>();
  readonly #images = new WeakMap<AttentionPlan, PlanImage>();
  #disposed = false;

  constructor({ executor, binary, reason }: Device, open: OpenWorkspace<W>) {
    this.executor = executor;
    this.binary = binary;
    this.reason = reason;
    this.#open = open;
    this.limits = { maxBufferBytes: executor.heap.maximumBytes, dtypes: ["f32", "i32"] };
  }

  get lost(): Promise<string> {
    return this.executor.lost;
  }

  get threads(): number {
    return this.executor.threads;
  }

  get liveBytes(): number {
    return this.executor.heap.liveBytes;
  }

  get peakBytes(): number {
    return this.executor.heap.peakBytes;
  }

  get memoryBytes(): number {
    return this.executor.heap.memory.buffer.byteLength;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>> {
    this.#check();
    const dtype = checkUpload(values, shape) as DTypeOf<V>;
    const tensor = this.keepTensor(shape, dtype);
    const place = tensor.storage.address >>> 2;
    if (values instanceof Float32Array) this.executor.heap.floats.set(values, place);
    else this.executor.heap.integers.set(values, place);
    return tensor;
  }

  plan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan {
    return compilePlan(queries, keys, pattern);
  }

  workspace(signal?: AbortSignal): W {
    this.#check();
    const workspace = this.#open(this, signal);
    this.#workspaces.add(workspace);
    return workspace;
  }

  keepTensor<D extends DType>(shape: Shape, dtype: D): WasmTensor<D> {
    const { heap } = this.executor;
    const bytes = bytesOf(shape);
    const address = heap.allocate(bytes);
    const panels = new Map<number, number>();
    const release = (): void => {
      if (this.#disposed) return;
      heap.free(address);
      for (const packed of panels.values()) heap.free(packed);
    };
    const storage: Storage = {
      address,
      bytes,
      owner: this,
      references: 0,
      panels,
      pending: null,
      release: () => this.#afterWork(release),
    };
    return new WasmTensor(storage, shape, dtype);
  }

  /** Calls back when all workspaces have done what is queued now. */
  #afterWork(callback: () => void): void {
    let waiting = 1;
    const one = (): void => {
      waiting -= 1;
      if (waiting === 0) callback();
    };
    for (const workspace of this.#workspaces) {
      waiting += 1;
      workspace.whenIdle(one);
    }
    one();
  }

  packedWeight(weight: WasmTensor): number {
    const { storage } = weight;
    const [depth, columns] = weight.shape as readonly [number, number];
    const known = storage.panels.get(columns);
    if (known !== undefined) return known;
    const { heap } = this.executor;
    const count = Math.ceil(columns / 8);
    const parameters = heap.allocate(16);
    try {
      const packed = heap.allocate(Math.max(16, count * depth * 32));
      heap.integers.set([storage.address, packed, depth, columns], parameters >>> 2);
      this.executor.runNow("packWeight", parameters, count);
      (storage.panels as Map<number, number>).set(columns, packed);
      return packed;
    } finally {
      heap.free(parameters);
    }
  }

  planImage(plan: AttentionPlan, heads: HeadLayout): PlanImage {
    let image = this.#images.get(plan);
    if (image === undefined || !fits(image, heads)) {
      image = layOutPlan(plan, heads);
      this.#images.set(plan, image);
    }
    return image;
  }

  forget(workspace: WasmWorkspace): void {
    this.#workspaces.delete(workspace);
  }

  async [asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.executor.close();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("Cannot use the WASM backend: it is disposed");
    this.executor.check();
  }
}
