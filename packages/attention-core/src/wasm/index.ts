// The WebAssembly backend: kernels of `kernels/` in one of four binaries, on one thread or several.

import type { Backend, BackendLimits, Workspace } from "../backend.ts";
import { checkUpload } from "../check-operation.ts";
import { compilePlan } from "../compile-plan.ts";
import { asyncDispose } from "../disposal.ts";
import { BackendUnavailableError, DisposedError } from "../errors.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionPlan } from "../plan.ts";
import type { DType, DTypeOf, Shape, Tensor } from "../tensor.ts";
import { fits, type HeadLayout, layOutPlan, type PlanImage } from "./plan-image.ts";
import { createThread } from "./create-thread.ts";
import { Executor } from "./executor.ts";
import { Heap } from "./heap.ts";
import { kernelNames, type Kernels } from "./kernels.ts";
import { type BinaryName, type BinarySource, loadModule, probeSimd } from "./loader.ts";
import { builtinModule } from "./node.ts";
import { bytesOf, makeTensor, type Storage, type WasmTensor } from "./tensor.ts";
import { type Thread, ThreadPool } from "./thread-pool.ts";
import { openWorkspace, type WasmWorkspace } from "./workspace.ts";

export type { BinaryName, BinarySource } from "./loader.ts";
export type { Thread } from "./thread-pool.ts";

/** How to open the backend; everything has a default. */
export interface WasmBackendOptions {
  /** Threads that compute, the caller's included: a number, or "auto" for one per core, at most eight. Default 1. */
  readonly threads?: number | "auto";
  /** Which kernels: "relaxed" rounds once per multiply-add where the machine does, "plain" twice. Default: relaxed if there. */
  readonly simd?: "auto" | "plain" | "relaxed";
  /** The most memory that the instance may use. Default 4 GiB. */
  readonly maximumBytes?: number;
  /** Where binaries come from, if not from beside this module. */
  readonly binary?: BinarySource;
  /** Starts a thread running `binaries/thread.js`, for bundlers that do not find it by themselves. */
  readonly createThread?: () => Thread;
}

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

const pageBytes = 65_536;
const initialPages = 16;
const mostPages = 65_536;

/**
 * Opens a WASM backend. Threads need shared memory, which a page has only when it is cross-origin isolated; without it
 * there is one thread, and `reason` says so. Throws `RangeError` for options outside their range,
 * `BackendUnavailableError` where there is no SIMD or the binary cannot be loaded.
 */
export async function createWasmBackend(options: WasmBackendOptions = {}): Promise<WasmBackend> {
  const { maximumBytes = mostPages * pageBytes } = options;
  if (!(maximumBytes >= initialPages * pageBytes && maximumBytes <= mostPages * pageBytes)) {
    throw new RangeError(`Cannot open the WASM backend: maximumBytes must be ${initialPages * pageBytes} to ${mostPages * pageBytes}, it is ${maximumBytes}`);
  }
  const wanted = threadCount(options.threads ?? 1);
  const features = probeSimd();
  if (!features.simd) throw new BackendUnavailableError("Cannot open the WASM backend", ["this engine has no WebAssembly SIMD"]);
  if (options.simd === "relaxed" && !features.relaxed) {
    throw new BackendUnavailableError("Cannot open the WASM backend", ["this engine has no relaxed SIMD"]);
  }
  const reason = wanted > 1 ? whyNotShared() : null;
  const threads = reason === null ? wanted : 1;
  const kind = features.relaxed && options.simd !== "plain" ? "relaxed" : "simd";
  const binary: BinaryName = threads > 1 ? `${kind}-shared` : kind;
  const module = await loadModule(binary, options.binary);
  const { memory, maximumPages } = createMemory(Math.floor(maximumBytes / pageBytes), threads > 1);
  const kernels = await instantiate(binary, module, memory);
  const pool = threads > 1 ? await ThreadPool.open(threads - 1, module, memory, options.createThread ?? createThread) : null;
  const heap = new Heap(memory, Math.min(maximumBytes, maximumPages * pageBytes));
  const executor = new Executor(heap, kernels, pool);
  return new Wasm(executor, binary, reason);
}

function threadCount(threads: number | "auto"): number {
  if (threads === "auto") return Math.max(1, Math.min(8, coreCount()));
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new RangeError(`Cannot open the WASM backend: threads must be an integer from 1 to 64 or "auto", they are ${threads}`);
  }
  return threads;
}

function coreCount(): number {
  // Node 20 has no navigator.
  const os = builtinModule<{ availableParallelism(): number }>("node:os");
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

function whyNotShared(): string | null {
  // Pages that are not isolated may lack SharedArrayBuffer as well: tell what can be changed.
  if (globalThis.crossOriginIsolated === false) return "no-cross-origin-isolation";
  return typeof SharedArrayBuffer === "undefined" ? "no-shared-memory" : null;
}

/** The kernels of a binary over `memory`. Throws `BackendUnavailableError` if it is not one of ours, or not of this version. */
async function instantiate(name: BinaryName, module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  try {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    const missing = kernelNames.filter((kernel) => typeof exports[kernel] !== "function");
    if (missing.length > 0) throw new TypeError(`it lacks ${missing.join(", ")}`);
    return exports as unknown as Kernels;
  } catch (error) {
    throw new BackendUnavailableError(`Cannot use the WASM binary "${name}"`, [String(error)], { cause: error });
  }
}

/** Shared memory reserves its maximum at once, which a small machine may refuse: then less will do. */
function createMemory(wantedPages: number, shared: boolean): { memory: WebAssembly.Memory; maximumPages: number } {
  let failure: unknown;
  for (let maximum = wantedPages; maximum >= Math.min(wantedPages, 4096); maximum = Math.floor(maximum / 2)) {
    try {
      return { memory: new WebAssembly.Memory({ initial: initialPages, maximum, shared }), maximumPages: maximum };
    } catch (error) {
      failure = error;
    }
  }
  throw new BackendUnavailableError("Cannot open the WASM backend", ["its memory could not be made"], { cause: failure });
}

class Wasm implements WasmBackend {
  readonly name = "wasm";
  readonly binary: BinaryName;
  readonly reason: string | null;
  readonly limits: BackendLimits;
  readonly executor: Executor;
  readonly #workspaces = new Set<WasmWorkspace>();
  readonly #images = new WeakMap<AttentionPlan, PlanImage>();
  #disposed = false;

  constructor(executor: Executor, binary: BinaryName, reason: string | null) {
    this.executor = executor;
    this.binary = binary;
    this.reason = reason;
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
    this.#open();
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

  workspace(signal?: AbortSignal): Workspace {
    this.#open();
    const workspace = openWorkspace(this, signal);
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
    const storage: Storage = { address, bytes, owner: this, references: 0, panels, pending: null, release: () => this.#afterWork(release) };
    return makeTensor(storage, shape, dtype);
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

  #open(): void {
    if (this.#disposed) throw new DisposedError("Cannot use the WASM backend: it is disposed");
    this.executor.check();
  }
}
