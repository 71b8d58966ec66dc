// What operations are written against: where their work goes, and the memory of what they make.

import type { AttentionPlan } from "../plan.ts";
import type { DType, Shape, Tensor } from "../tensor.ts";
import type { Kernel } from "./kernel.ts";
import type { PlanBuffers } from "./plan-buffers.ts";
import type { GpuTensor } from "./tensor.ts";
import type { Variants } from "./variants.ts";

/** Where operations put their work. */
export interface GpuHost {
  /** What the device's kernels may use. */
  readonly variants: Variants;
  /** Bytes of memory that a workgroup may have. */
  readonly workgroupBytes: number;
  /** The buffer of a tensor of this workspace or its backend, four bytes a number. */
  buffer(x: Tensor<DType>): GPUBuffer;
  /** That of a tensor that is kept in float16, null of another: see `halves.ts`. */
  halves(x: Tensor): GPUBuffer | null;
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
  copy(from: GPUBuffer, fromByte: number, to: GPUBuffer, toByte: number, bytes: number): void;
}
