// A tensor of this backend: a buffer, shared by those that `reshape` made of it.

import { StoredTensor, type TensorStorage } from "../stored-tensor.ts";
import type { DType } from "../tensor.ts";

/** A buffer under one or more tensors. */
export interface Storage extends TensorStorage {
  readonly buffer: GPUBuffer;
  /** Whether it holds float16, see `halves.ts`: weights that stay. */
  readonly isHalves: boolean;
}

/** The only kind of tensor that this backend takes. */
export class GpuTensor<D extends DType = "f32"> extends StoredTensor<Storage, D> {}
