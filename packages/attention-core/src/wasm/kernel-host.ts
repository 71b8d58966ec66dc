// What the host's side of a kernel needs of its workspace: memory, and a place in the queue.

import type { AttentionPlan } from "../plan.ts";
import type { DType, Shape, Tensor } from "../tensor.ts";
import type { Heap } from "./heap.ts";
import type { Job } from "./job.ts";
import type { KernelName } from "./kernels.ts";
import type { HeadLayout, PlanImage } from "./plan-image.ts";

/** A workspace as operations see it that queue kernels. */
export interface KernelHost {
  readonly heap: Heap;
  /** Threads that take units, the caller's included. */
  readonly threads: number;
  /** Throws unless the workspace is open. */
  check(): void;
  /** Where the values of x are. Throws `TypeError` for tensors of others, `DisposedError` for disposed ones. */
  address(x: Tensor<DType>): number;
  /** A tensor of unspecified values, which goes with the workspace. */
  make<D extends DType>(shape: Shape, dtype: D): Tensor<D>;
  /** Memory for this call alone, until `free` or the end of the workspace. */
  allocate(bytes: number): number;
  /** Gives memory back now; only what no queued job reads or writes. */
  free(address: number): void;
  /** Gives memory back when what is queued before has run. */
  freeLater(address: number): void;
  /** Copies integers in, for kernels alone. */
  store(values: Int32Array): number;
  /** The plan as kernels read it, laid out for these heads and copied in, once. */
  placePlan(
    plan: AttentionPlan,
    heads: Omit<HeadLayout, "threads">,
  ): { readonly image: PlanImage; readonly planAt: number };
  /** Sees to it that each thread has that much scratch when its next job begins. */
  reserveScratch(bytes: number): void;
  push(job: Job): void;
  /** Queues units of a kernel with these parameters; `unitCost` is roughly the multiply-adds of one unit. */
  kernel(kernel: KernelName, units: number, unitCost: number, parameters: readonly number[]): void;
}
