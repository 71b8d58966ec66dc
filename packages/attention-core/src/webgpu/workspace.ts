// The operations as work of a queue. Each checks its arguments, makes its result and pushes its work; nothing is submitted
// before `checkpoint`, `read` or disposal. What an operation does stands in the file of its name.

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
import type { AttentionPlan } from "../plan.ts";
import { type DType, type DTypeOf, type Shape, sizeOf, type Tensor, type Values } from "../tensor.ts";
import { submitAttention } from "./attention.ts";
import { GpuArena } from "./gpu-arena.ts";
import { submitActivate, submitCombine } from "./elementwise.ts";
import { submitGather } from "./embed.ts";
import { submitLinear } from "./linear.ts";
import { submitLayerNorm, submitRmsNorm, submitSoftmax } from "./norm.ts";
import { submitPool } from "./pool.ts";
import { submitAppend, submitConcatenate, submitSlice } from "./rearrange.ts";
import { submitRotate } from "./rotate.ts";
import type { GpuTensor } from "./tensor.ts";

export type { WorkspaceOwner } from "./workspace-owner.ts";
export type { GpuHost } from "./gpu-host.ts";

/** A workspace over the queue of a device. */
export class GpuWorkspace extends GpuArena implements Workspace {
  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): GpuTensor<DTypeOf<V>> {
    this.check();
    const dtype = checkUpload(values, shape) as DTypeOf<V>;
    return this.makeOf(values, shape, dtype);
  }

  embed(table: Tensor, ids: Tensor<"i32">): Tensor {
    this.check();
    const { V, W, P, T } = checkEmbed(table, ids);
    return submitGather(this, table, ids, V, W, [P, T * W]);
  }

  unfold(x: Tensor, windows: Tensor<"i32">): Tensor {
    this.check();
    const { P, W, R, T } = checkUnfold(x, windows);
    return submitGather(this, x, windows, P, W, [R, T * W]);
  }

  linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, activation: Activation | null = null): Tensor {
    this.check();
    checkLinear(x, weight, bias, activation);
    return submitLinear(this, x, weight, bias, activation);
  }

  activate(x: Tensor, activation: Activation): Tensor {
    this.check();
    checkActivate(x, activation);
    return submitActivate(this, x, activation);
  }

  add(a: Tensor, b: Tensor): Tensor {
    this.check();
    return submitCombine(this, "add", a, b, checkElementwise("add", a, b).period);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    this.check();
    return submitCombine(this, "multiply", a, b, checkElementwise("multiply", a, b).period);
  }

  layerNorm(x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
    this.check();
    checkNorm("layerNorm", x, gain, bias, epsilon);
    return submitLayerNorm(this, x, gain, bias, epsilon);
  }

  rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
    this.check();
    checkNorm("rmsNorm", x, gain, null, epsilon);
    return submitRmsNorm(this, x, gain, epsilon);
  }

  softmax(x: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    this.check();
    checkSoftmax(x);
    return submitSoftmax(this, x, options.log === true);
  }

  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: AttentionOptions): Attended {
    this.check();
    const call = checkAttention(q, k, v, plan, options);
    return this.whole(() => submitAttention(this, q, k, v, plan, call));
  }

  pool(x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
    this.check();
    checkPool(x, offsets, how);
    return this.whole(() => submitPool(this, x, offsets, how));
  }

  rotate(x: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    this.check();
    return submitRotate(this, x, positions, cos, sin, checkRotate(x, positions, cos, sin, options));
  }

  concatenate(parts: readonly Tensor[]): Tensor {
    this.check();
    const { P, W } = checkConcatenate(parts);
    return submitConcatenate(this, parts, P, W);
  }

  slice(x: Tensor, from: number, to: number): Tensor {
    this.check();
    checkSlice(x, from, to);
    return submitSlice(this, x, from, to);
  }

  append(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): Tensor {
    this.check();
    const { W, offsets } = checkAppend(parts);
    return submitAppend(this, parts, offsets, W);
  }

  reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
    this.check();
    checkReshape(x, shape);
    return this.view(x, shape);
  }

  async read<D extends DType>(x: Tensor<D>, into?: Values<D>): Promise<Values<D>> {
    this.check();
    const buffer = this.buffer(x);
    checkRead(x, into);
    const size = sizeOf(x.shape);
    let values = into;
    await this.readBytes(buffer, 4 * size, (mapped, firstByte) => {
      const found =
        x.dtype === "f32" ? new Float32Array(mapped, firstByte, size) : new Int32Array(mapped, firstByte, size);
      if (into === undefined) values = found.slice() as Values<D>;
      else into.set(found);
    });
    return values!;
  }

  keep<D extends DType>(x: Tensor<D>): Tensor<D> {
    this.check();
    return this.keepCopy(x);
  }

  async checkpoint(): Promise<void> {
    this.check();
    return this.settle();
  }

  [dispose](): void {
    this.close();
  }
}
