// A call of attention on its way back: what all its kernels read.

import type { CheckedTrainingAttention } from "../../check-training.ts";
import { dispose } from "../../disposal.ts";
import type { AttentionPlan } from "../../plan.ts";
import { type DType, sizeOf, type Tensor } from "../../tensor.ts";
import { scoreParameters, tensorOfBias } from "../attention.ts";
import { floatBits } from "../kernel.ts";
import type { GpuHost } from "../workspace.ts";
import { dropoutParameters } from "./elementwise-gradient.ts";
import { packRowsKernel, rowNumbers } from "./kernels/pack-rows.wgsl.ts";

/** Arguments that were checked. */
export interface AttentionCall {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly plan: AttentionPlan;
  readonly call: CheckedTrainingAttention;
}

/** What came out of the call, and the gradient of it. */
export interface AttentionResults {
  /** Null for normalizers other than softmax. */
  readonly logSumExp: Tensor | null;
  /** Null on the way forward. */
  readonly backward: { readonly output: Tensor; readonly dy: Tensor } | null;
}

/** Throws what a disposed argument throws, before anything is made. */
export function checkBuffers(host: GpuHost, { q, k, v, call }: AttentionCall, others: readonly Tensor[]): void {
  const { score, bias } = call;
  const more = [...(score.kind === "additive" ? [score.vector] : []), ...(bias ? [tensorOfBias(bias)] : [])];
  for (const each of [q, k, v, ...more, ...others] as Tensor<DType>[]) host.buffer(each);
}

/** Numbers of a packed row. */
export function strideOf({ call }: AttentionCall, { backward }: AttentionResults): number {
  return call.D + (backward ? call.valueWidth : 0) + rowNumbers;
}

/** Packs query rows; see `packRowsKernel`. */
export function submitPackedRows(host: GpuHost, one: AttentionCall, results: AttentionResults): Tensor {
  const { P, H, D, valueWidth } = one.call;
  const { logSumExp, backward } = results;
  const stride = strideOf(one, results);
  const rows = host.make([P, H, stride], "f32");
  const inputs = [one.q, ...(logSumExp ? [logSumExp] : []), ...(backward ? [backward.output, backward.dy] : []), rows];
  const buffers = inputs.map((each) => host.buffer(each as Tensor<DType>));
  const kernel = packRowsKernel(backward !== null, logSumExp !== null);
  host.run(kernel, buffers, [D, valueWidth, stride], P * H, 4 * stride);
  return rows;
}

/** In the order of `pairParameterTypes`; `first` and `second` are where parts of the plan begin. */
export function pairParameters(
  one: AttentionCall,
  results: AttentionResults,
  parts: { readonly first: number; readonly second: number },
): number[] {
  const { call } = one;
  return [
    ...scoreParameters(parts, call),
    call.valueWidth,
    strideOf(one, results),
    ...dropoutParameters(call.dropout),
    floatBits(NaN),
  ];
}

/** The tensor of an additive score's vector and that of the bias, where there are any: bound between those of rows and values. */
export function scoreTensors({ call }: AttentionCall): Tensor[] {
  const { score, bias } = call;
  return [
    ...(score.kind === "additive" ? [score.vector] : []),
    ...(bias ? [tensorOfBias(bias) as unknown as Tensor] : []),
  ];
}

/** Gradients of zeros: where the normalizer is hard, scores get nothing. */
export function zerosLike(host: GpuHost, x: Tensor): Tensor {
  const zeros = host.make(x.shape, "f32");
  host.fill(zeros, 0);
  return zeros;
}

/** Entries of a table for each head; 0 for a bias with a place for each pair. */
export function entriesOf({ bias, H }: CheckedTrainingAttention): number {
  if (bias === null || bias.kind === "dense" || bias.kind === "edges") return 0;
  return sizeOf(tensorOfBias(bias).shape) / H;
}

/** Floats of the shares that groups keep of a table, about. */
const sharesSize = 2 ** 20;

/** How many of `count` go into a group, so that the groups' shares of a table stay small. */
export function groupSize(count: number, tableSize: number): number {
  const groups = Math.max(1, Math.min(1024, count, Math.floor(sharesSize / Math.max(1, tableSize))));
  return Math.max(1, Math.ceil(count / groups));
}

/** Gives tensors back once the work that reads them is pushed. */
export function release(tensors: readonly Tensor[]): void {
  for (const each of tensors) each[dispose]();
}
