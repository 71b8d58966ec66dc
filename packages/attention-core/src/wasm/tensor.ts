// A tensor of this backend: a stretch of linear memory, shared by those that `reshape` made of it.

import { StoredTensor, type TensorStorage } from "../stored-tensor.ts";
import { type DType, type Shape, sizeOf } from "../tensor.ts";

/** Memory under one or more tensors, and what is derived from it. */
export interface Storage extends TensorStorage {
  readonly address: number;
  readonly bytes: number;
  /** Weights that stay: where their columns are as panels, by the number of columns, once they were used. */
  readonly panels: ReadonlyMap<number, number>;
  /** The work that makes the values, for those that outlive it; null once they are there. */
  pending: Pending | null;
}

/** Values that some workspace is still to make. */
export interface Pending {
  /** Goes on with that work. Resolves when the values are there, rejects when they will never be. */
  readonly settle: () => Promise<void>;
  readonly maker: object;
}

/** The only kind of tensor that this backend takes. */
export class WasmTensor<D extends DType = "f32"> extends StoredTensor<Storage, D> {}

/** Bytes of a tensor: four an element, of either dtype. */
export function bytesOf(shape: Shape): number {
  return 4 * sizeOf(shape);
}
