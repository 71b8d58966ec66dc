// The operations as jobs over linear memory. Each checks its arguments, makes its result and queues its work; nothing
// is computed before `checkpoint` or `read`.

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
import type { AttentionPlan } from "../plan.ts";
import { type DType, type DTypeOf, type Shape, sizeOf, type Tensor, type Values } from "../tensor.ts";
import { Arena } from "./arena.ts";
import { submitAttention } from "./attention.ts";
import type { HeadLayout, PlanImage } from "./plan-image.ts";
import type { Executor } from "./executor.ts";
import type { Heap } from "./heap.ts";
import type { Job } from "./job.ts";
import type { KernelHost } from "./kernel-host.ts";
import { activationCodes, floatBits, type KernelName } from "./kernels.ts";
import { submitLinear } from "./linear.ts";
import { forStretches, moveCost, submitPool, submitRotate } from "./rows.ts";
import { Submission } from "./submission.ts";
import { bytesOf, type Storage, WasmTensor } from "./tensor.ts";

/** What a workspace needs of its backend. */
export interface WorkspaceOwner {
  readonly executor: Executor;
  readonly disposed: boolean;
  /** A tensor that outlives workspaces. */
  keepTensor<D extends DType>(shape: Shape, dtype: D): WasmTensor<D>;
  /** Panels of a weight that stays, made at its first use. */
  packedWeight(weight: WasmTensor): number;
  /** The plan as the kernels read it. */
  planImage(plan: AttentionPlan, heads: HeadLayout): PlanImage;
  forget(workspace: WasmWorkspace): void;
}

const noPanels: ReadonlyMap<number, number> = new Map();

/** A workspace as its backend sees it. */
export interface WasmWorkspace extends Workspace {
  /** Calls back once the work submitted so far is done or dropped. */
  whenIdle(callback: () => void): void;
}

/** The operations of inference, and what others need that queue kernels. */
export class ArenaWorkspace implements WasmWorkspace, KernelHost {
  readonly heap: Heap;
  readonly #owner: WorkspaceOwner;
  readonly #executor: Executor;
  readonly #arena: Arena;
  readonly #submission: Submission;
  /** Where the plans that were used stand. */
  readonly #plans = new Map<PlanImage, number>();
  /** Views of tensors that outlive this workspace, and what was kept. */
  readonly #views: Tensor<DType>[] = [];
  readonly #kept: Storage[] = [];
  #disposed = false;

  constructor(owner: WorkspaceOwner, signal: AbortSignal | undefined) {
    this.#owner = owner;
    this.#executor = owner.executor;
    this.heap = owner.executor.heap;
    this.#arena = new Arena(owner.executor.heap);
    this.#submission = new Submission(owner.executor, signal);
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): WasmTensor<DTypeOf<V>> {
    this.check();
    const dtype = checkUpload(values, shape) as DTypeOf<V>;
    const tensor = this.make(shape, dtype);
    const place = tensor.storage.address >>> 2;
    if (values instanceof Float32Array) this.heap.floats.set(values, place);
    else this.heap.integers.set(values, place);
    return tensor;
  }

  embed(table: Tensor, ids: Tensor<"i32">): Tensor {
    this.check();
    const { V, W, P, T } = checkEmbed(table, ids);
    const out = this.make([P, T * W], "f32");
    this.kernel("gather", P * T, W * moveCost, [this.address(table), this.address(ids), this.address(out), V, W]);
    return out;
  }

  unfold(x: Tensor, windows: Tensor<"i32">): Tensor {
    this.check();
    const { P, W, R, T } = checkUnfold(x, windows);
    const out = this.make([R, T * W], "f32");
    this.kernel("gather", R * T, W * moveCost, [this.address(x), this.address(windows), this.address(out), P, W]);
    return out;
  }

  linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, activation: Activation | null = null): Tensor {
    this.check();
    const { P, I, O } = checkLinear(x, weight, bias, activation);
    const out = this.make([P, O], "f32");
    const columnPanels = Math.ceil(O / 8);
    const storage = this.#storage(weight);
    const lasting = storage.pending === null && storage.owner === this.#owner;
    let packed: number;
    if (lasting) {
      packed = this.#owner.packedWeight(weight as WasmTensor);
    } else {
      packed = this.#arena.allocate(Math.max(16, columnPanels * I * 32));
      this.kernel("packWeight", columnPanels, I * 8 * moveCost, [storage.address, packed, I, O]);
    }
    const code = activation === null ? 0 : activationCodes[activation];
    submitLinear(
      this,
      { x: this.address(x), packed, bias: bias === null ? 0 : this.address(bias), out: this.address(out) },
      P,
      I,
      O,
      code,
    );
    if (!lasting) this.freeLater(packed);
    return out;
  }

  activate(x: Tensor, activation: Activation): Tensor {
    this.check();
    const { size } = checkActivate(x, activation);
    const out = this.make(x.shape, "f32");
    const [from, to, code] = [this.address(x), this.address(out), activationCodes[activation]];
    forStretches(size, (rows, width, first) => {
      this.kernel("activate", rows, width * 16, [from + 4 * first, 0, to + 4 * first, width, 0, code]);
    });
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
    const out = this.make(a.shape, "f32");
    const width = period === size ? (a.shape[a.shape.length - 1] ?? 1) : period;
    const rows = width === 0 ? 0 : size / width;
    const repeated = period === size ? 0 : 1;
    this.kernel("combine", rows, width * moveCost, [
      this.address(a),
      this.address(b),
      this.address(out),
      width,
      repeated,
      operation === "add" ? 0 : 1,
    ]);
    return out;
  }

  layerNorm(x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
    return this.#norm("layerNorm", x, gain, bias, epsilon);
  }

  rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
    return this.#norm("rmsNorm", x, gain, null, epsilon);
  }

  #norm(operation: "layerNorm" | "rmsNorm", x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
    this.check();
    const { P, W } = checkNorm(operation, x, gain, bias, epsilon);
    const out = this.make([P, W], "f32");
    const biasAt = bias === null ? 0 : this.address(bias);
    this.kernel(operation, P, W * 4, [
      this.address(x),
      this.address(gain),
      biasAt,
      this.address(out),
      W,
      floatBits(epsilon),
      0,
    ]);
    return out;
  }

  softmax(x: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    this.check();
    const { P, W } = checkSoftmax(x);
    const out = this.make([P, W], "f32");
    this.kernel("softmax", P, W * 12, [this.address(x), 0, 0, this.address(out), W, 0, options.log === true ? 1 : 0]);
    return out;
  }

  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: AttentionOptions): Attended {
    this.check();
    const call = checkAttention(q, k, v, plan, options);
    const { image, planAt } = this.placePlan(plan, { kvHeads: call.kvHeads, headWidth: call.D + call.valueWidth });
    return submitAttention(this, q, k, v, plan, image, planAt, call);
  }

  placePlan(
    plan: AttentionPlan,
    heads: Omit<HeadLayout, "threads">,
  ): { readonly image: PlanImage; readonly planAt: number } {
    const image = this.#owner.planImage(plan, { ...heads, threads: this.threads });
    let planAt = this.#plans.get(image);
    if (planAt === undefined) {
      planAt = this.store(image.integers);
      this.#plans.set(image, planAt);
    }
    return { image, planAt };
  }

  pool(x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
    this.check();
    const { N, P, W } = checkPool(x, offsets, how);
    const out = this.make([N, W], "f32");
    submitPool(this, this.address(x), this.store(offsets), this.address(out), { N, P, W }, how);
    return out;
  }

  rotate(x: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    this.check();
    return submitRotate(this, x, positions, cos, sin, checkRotate(x, positions, cos, sin, options), 1);
  }

  concatenate(parts: readonly Tensor[]): Tensor {
    this.check();
    const { P, W, widths } = checkConcatenate(parts);
    const out = this.make([P, W], "f32");
    let column = 0;
    parts.forEach((part, i) => {
      this.#copyColumns(this.address(part), this.address(out) + 4 * column, P, widths[i]!, W, widths[i]!);
      column += widths[i]!;
    });
    return out;
  }

  slice(x: Tensor, from: number, to: number): Tensor {
    this.check();
    const { P, W } = checkSlice(x, from, to);
    const out = this.make([P, to - from], "f32");
    this.#copyColumns(this.address(x) + 4 * from, this.address(out), P, W, to - from, to - from);
    return out;
  }

  append(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): Tensor {
    this.check();
    const { N, P, W, offsets } = checkAppend(parts);
    const out = this.make([P, W], "f32");
    const to = this.address(out);
    const sources = parts.map((part) => ({ from: this.address(part.rows), offsets: part.offsets.slice() }));
    this.#submission.step(() => {
      const { bytes } = this.heap;
      for (let n = 0; n < N; n += 1) {
        let target = to + 4 * W * offsets[n]!;
        for (const source of sources) {
          const start = source.from + 4 * W * source.offsets[n]!;
          const end = source.from + 4 * W * source.offsets[n + 1]!;
          bytes.copyWithin(target, start, end);
          target += end - start;
        }
      }
    });
    return out;
  }

  reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
    this.check();
    checkReshape(x, shape);
    const storage = this.#storage(x);
    const view = new WasmTensor(storage, shape, x.dtype);
    if (storage.owner !== this) this.#views.push(view);
    return view;
  }

  async read<D extends DType>(x: Tensor<D>, into?: Values<D>): Promise<Values<D>> {
    this.check();
    const address = this.address(x) >>> 2;
    checkRead(x, into);
    const size = sizeOf(x.shape);
    let values: Float32Array | Int32Array | null = null;
    this.#submission.step(() => {
      const { floats, integers } = this.heap;
      const memory = x.dtype === "f32" ? floats : integers;
      if (into === undefined) values = memory.slice(address, address + size);
      else into.set(memory.subarray(address, address + size));
    });
    const rest = this.#submission.drive();
    if (rest !== null) await rest;
    return into ?? (values as unknown as Values<D>);
  }

  keep<D extends DType>(x: Tensor<D>): Tensor<D> {
    this.check();
    const address = this.address(x);
    const kept = this.#owner.keepTensor(x.shape, x.dtype);
    const { storage } = kept;
    const bytes = bytesOf(x.shape);
    const copied = new Promise<void>((resolve, reject) => {
      this.#submission.push({
        run: () => {
          this.heap.bytes.copyWithin(storage.address, address, address + bytes);
          storage.pending = null;
          resolve();
        },
        drop: (reason) => reject(reason),
      });
    });
    copied.catch(() => {}); // whoever uses the tensor is told; nobody may
    storage.pending = {
      maker: this,
      settle: async () => {
        await Promise.resolve(); // not on the stack of who waits: chains of workspaces may be long, and come back to this one
        this.#submission.drive()?.catch(() => {}); // its own callers are told
        return copied;
      },
    };
    this.#kept.push(storage);
    return kept;
  }

  async checkpoint(): Promise<void> {
    this.check();
    const rest = this.#submission.drive();
    if (rest !== null) await rest;
  }

  whenIdle(callback: () => void): void {
    this.#submission.whenIdle(callback);
  }

  [dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // What was kept outlives the workspace: its work is done first.
    if (this.#kept.some((storage) => storage.pending !== null)) this.#submission.drive()?.catch(() => {});
    for (const view of this.#views) view[dispose]();
    this.#submission.whenQuiet(() => {
      this.#arena.release();
      this.#owner.forget(this);
    });
  }

  get threads(): number {
    return this.#executor.threads;
  }

  check(): void {
    if (this.#disposed) throw new DisposedError("Cannot use a workspace: it is disposed");
    if (this.#owner.disposed) throw new DisposedError("Cannot use a workspace: its backend is disposed");
    this.#executor.check();
  }

  make<D extends DType>(shape: Shape, dtype: D): WasmTensor<D> {
    const bytes = bytesOf(shape);
    const address = this.#arena.allocate(bytes);
    const storage: Storage = {
      address,
      bytes,
      owner: this,
      references: 0,
      panels: noPanels,
      pending: null,
      release: () => {
        if (!this.#disposed) this.#submission.step(() => this.#arena.free(address));
      },
    };
    return new WasmTensor(storage, shape, dtype);
  }

  #storage(x: Tensor<DType>): Storage {
    if (!(x instanceof WasmTensor)) throw new TypeError("Cannot use a tensor: it must have been made by this backend");
    const { storage } = x;
    if (storage.owner !== this && storage.owner !== this.#owner) {
      throw new TypeError(
        "Cannot use a tensor: it must have been made by this workspace, uploaded to its backend or kept",
      );
    }
    const { pending } = storage;
    if (pending !== null && pending.maker !== this) {
      this.#submission.push({ isReady: () => storage.pending === null, wait: pending.settle });
    }
    return storage;
  }

  address(x: Tensor<DType>): number {
    return this.#storage(x).address;
  }

  allocate(bytes: number): number {
    return this.#arena.allocate(bytes);
  }

  free(address: number): void {
    this.#arena.free(address);
  }

  freeLater(address: number): void {
    this.#submission.step(() => this.#arena.free(address));
  }

  reserveScratch(bytes: number): void {
    this.#executor.reserve(bytes);
  }

  push(job: Job): void {
    this.#submission.push(job);
  }

  store(values: Int32Array): number {
    const address = this.#arena.allocate(Math.max(16, values.byteLength));
    this.heap.integers.set(values, address >>> 2);
    return address;
  }

  kernel(kernel: KernelName, units: number, unitCost: number, parameters: readonly number[]): void {
    const address = this.#arena.allocate(4 * parameters.length);
    this.heap.integers.set(parameters, address >>> 2);
    this.#submission.push({ kernel, parameters: address, units, unitCost });
  }

  #copyColumns(from: number, to: number, rows: number, fromWidth: number, toWidth: number, width: number): void {
    this.kernel("copyColumns", rows, width * moveCost, [from, to, 4 * fromWidth, 4 * toWidth, 4 * width]);
  }
}
