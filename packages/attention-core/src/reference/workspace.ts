// The operations of a workspace: arguments are checked, arrays taken out of tensors, and the loops run at the call.

import type {
  Activation,
  Attended,
  AttentionMaps,
  AttentionOptions,
  Pooling,
  RotationOptions,
  Workspace,
} from "../backend.ts";
import { checkAttention, type CheckedAttention } from "../check-attention.ts";
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
import type { DType, DTypeOf, Shape, Tensor, Values } from "../tensor.ts";
import { attention, type AttentionInputs, type WeightFactor } from "./attention.ts";
import type { AttentionMapValues } from "./attention-maps.ts";
import type { Arena } from "./device.ts";
import { activate, add, multiply } from "./elementwise.ts";
import { embed } from "./embed.ts";
import type { Floats } from "./floats.ts";
import { linear } from "./linear.ts";
import { layerNorm, rmsNorm } from "./norm.ts";
import { pool } from "./pool.ts";
import { append, concatenate, slice } from "./rearrange.ts";
import { rotate } from "./rotate.ts";
import { softmax } from "./softmax.ts";
import type { Stored } from "./tensor.ts";
import { unfold } from "./unfold.ts";

/** A workspace whose tensors live in `arena`. */
export class ReferenceWorkspace implements Workspace {
  protected readonly arena: Arena;
  readonly #signal: AbortSignal | undefined;

  constructor(arena: Arena, signal: AbortSignal | undefined) {
    this.arena = arena;
    this.#signal = signal;
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>> {
    this.#checkOpen("upload values");
    return this.arena.upload(values, checkUpload(values, shape), shape);
  }

  embed(table: Tensor, ids: Tensor<"i32">): Tensor {
    const size = checkEmbed(table, ids);
    const rows = embed(this.values("embed", "table", table), this.values("embed", "ids", ids), size);
    return this.arena.result(rows, [size.P, size.T * size.W]);
  }

  linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, activation: Activation | null = null): Tensor {
    const size = checkLinear(x, weight, bias, activation);
    const y = linear(
      this.values("linear", "x", x),
      this.values("linear", "weight", weight),
      this.#optional("linear", "bias", bias),
      activation,
      size,
    );
    return this.arena.result(y, [size.P, size.O]);
  }

  activate(x: Tensor, activation: Activation): Tensor {
    checkActivate(x, activation);
    return this.arena.result(activate(this.values("activate", "x", x), activation), x.shape);
  }

  add(a: Tensor, b: Tensor): Tensor {
    const size = checkElementwise("add", a, b);
    return this.arena.result(add(this.values("add", "a", a), this.values("add", "b", b), size), a.shape);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    const size = checkElementwise("multiply", a, b);
    const product = multiply(this.values("multiply", "a", a), this.values("multiply", "b", b), size);
    return this.arena.result(product, a.shape);
  }

  layerNorm(x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
    const size = checkNorm("layerNorm", x, gain, bias, epsilon);
    const y = layerNorm(
      this.values("layerNorm", "x", x),
      this.values("layerNorm", "gain", gain),
      this.#optional("layerNorm", "bias", bias),
      epsilon,
      size,
    );
    return this.arena.result(y, x.shape);
  }

  rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
    const size = checkNorm("rmsNorm", x, gain, null, epsilon);
    const y = rmsNorm(this.values("rmsNorm", "x", x), this.values("rmsNorm", "gain", gain), epsilon, size);
    return this.arena.result(y, x.shape);
  }

  softmax(x: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    const size = checkSoftmax(x);
    return this.arena.result(softmax(this.values("softmax", "x", x), options.log ?? false, size), x.shape);
  }

  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: AttentionOptions): Attended {
    return this.attend(q, k, v, plan, checkAttention(q, k, v, plan, options), null);
  }

  /** A checked call, its weights times what `factorOf` says. */
  protected attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    call: CheckedAttention,
    factorOf: WeightFactor | null,
  ): Attended {
    const { output, maps } = attention(this.attentionInputs("attention", q, k, v, call), plan, call, factorOf);
    return { output: this.arena.result(output, [call.P, call.H * call.valueWidth]), maps: this.#maps(maps, call) };
  }

  protected attentionInputs(
    operation: string,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    call: CheckedAttention,
  ): AttentionInputs {
    const { score, bias } = call;
    return {
      q: this.values(operation, "q", q),
      k: this.values(operation, "k", k),
      v: this.values(operation, "v", v),
      vector: score.kind === "dot" ? null : this.values(operation, "score vector", score.vector),
      bias: bias === null ? null : this.values(operation, `${bias.kind} bias`, tensorOfBias(bias)),
    };
  }

  #maps(values: AttentionMapValues, { P, H, keyRows, maps: asked }: CheckedAttention): AttentionMaps {
    const { heads, topK: k } = asked;
    const arena = this.arena;
    const { rows, topK, columnSums, entropy, logSumExp, edges, full } = values;
    return {
      ...(rows && { rows: arena.result(rows, [rows.length]) }),
      ...(topK && {
        topK: {
          keys: arena.tensor("i32", topK.keys, [P, heads, k]),
          weights: arena.result(topK.weights, [P, heads, k]),
        },
      }),
      ...(columnSums && { columnSums: arena.result(columnSums, [keyRows, heads]) }),
      ...(entropy && { entropy: arena.result(entropy, [P, H]) }),
      ...(logSumExp && { logSumExp: arena.result(logSumExp, [P, H]) }),
      ...(edges && { edges: arena.result(edges, [edges.length / heads, heads]) }),
      ...(full && { full: arena.result(full, [full.length]) }),
    };
  }

  pool(x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
    const size = checkPool(x, offsets, how);
    return this.arena.result(pool(this.values("pool", "x", x), offsets, how, size), [size.N, size.W]);
  }

  unfold(x: Tensor, windows: Tensor<"i32">): Tensor {
    const size = checkUnfold(x, windows);
    const rows = unfold(this.values("unfold", "x", x), this.values("unfold", "windows", windows), size);
    return this.arena.result(rows, [size.R, size.T * size.W]);
  }

  rotate(x: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    const size = checkRotate(x, positions, cos, sin, options);
    const y = rotate(
      this.values("rotate", "x", x),
      this.values("rotate", "positions", positions),
      this.values("rotate", "cos", cos),
      this.values("rotate", "sin", sin),
      size,
    );
    return this.arena.result(y, x.shape);
  }

  concatenate(parts: readonly Tensor[]): Tensor {
    const size = checkConcatenate(parts);
    const joined = concatenate(
      parts.map((part, i) => this.values("concatenate", `part ${i}`, part)),
      size,
    );
    return this.arena.result(joined, [size.P, size.W]);
  }

  slice(x: Tensor, from: number, to: number): Tensor {
    const size = checkSlice(x, from, to);
    return this.arena.result(slice(this.values("slice", "x", x), from, to, size), [size.P, to - from]);
  }

  append(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): Tensor {
    const size = checkAppend(parts);
    const values = parts.map(({ rows, offsets }, i) => ({
      rows: this.values("append", `rows of part ${i}`, rows),
      offsets,
    }));
    return this.arena.result(append(values, size), [size.P, size.W]);
  }

  reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
    checkReshape(x, shape);
    return this.arena.tensor(x.dtype, this.values("reshape", "x", x), shape);
  }

  async read<D extends DType>(x: Tensor<D>, into?: Values<D>): Promise<Values<D>> {
    const values: Floats | Int32Array = this.values<DType>("read", "x", x);
    checkRead(x, into);
    this.#signal?.throwIfAborted();
    if (into === undefined) return (x.dtype === "f32" ? new Float32Array(values) : values.slice()) as Values<D>;
    into.set(values);
    return into;
  }

  keep<D extends DType>(x: Tensor<D>): Tensor<D> {
    const values = this.values("keep", "x", x).slice() as Stored<D>;
    return this.arena.device.arena.tensor(x.dtype, values, x.shape);
  }

  async checkpoint(): Promise<void> {
    this.#checkOpen("run checkpoint");
    this.#signal?.throwIfAborted();
    await nextTask();
    this.#signal?.throwIfAborted();
  }

  [dispose](): void {
    this.arena.dispose();
  }

  protected values<D extends DType>(operation: string, name: string, tensor: Tensor<D>): Stored<D> {
    this.#checkOpen(`run ${operation}`);
    return this.arena.device.values(operation, name, tensor);
  }

  #optional(operation: string, name: string, tensor: Tensor | null): Floats | null {
    return tensor === null ? null : this.values(operation, name, tensor);
  }

  #checkOpen(action: string): void {
    this.arena.device.check(action);
    if (this.arena.disposed) throw new DisposedError(`Cannot ${action}: the workspace must not be disposed, it is`);
  }
}

/** The one tensor that a bias has. */
export function tensorOfBias(bias: NonNullable<CheckedAttention["bias"]>): Tensor {
  switch (bias.kind) {
    case "dense":
    case "edges":
      return bias.values;
    case "alibi":
      return bias.slopes;
    case "relative":
    case "relative2d":
      return bias.table;
    default:
      return bias satisfies never;
  }
}
