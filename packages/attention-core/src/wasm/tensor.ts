// A tensor of this backend: a stretch of linear memory, shared by those that `reshape` made of it.

import { dispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import { type DType, formatShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";

/** Memory under one or more tensors, and what is derived from it. */
export interface Storage {
  readonly address: number;
  readonly bytes: number;
  /** Whose: a backend or a workspace. */
  readonly owner: object;
  /** Tensors that still use it. */
  references: number;
  /** Gives the memory back, now or in its turn. */
  readonly release: () => void;
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
export interface WasmTensor<D extends DType = "f32"> extends Tensor<D> {
  /** The memory. Throws `DisposedError` after disposal. */
  readonly storage: Storage;
}

class TensorInMemory<D extends DType> implements WasmTensor<D> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly #storage: Storage;
  #disposed = false;

  constructor(storage: Storage, shape: Shape, dtype: D) {
    this.#storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    storage.references += 1;
  }

  get storage(): Storage {
    if (this.#disposed)
      throw new DisposedError(`Cannot use a tensor of shape ${formatShape(this.shape)}: it is disposed`);
    return this.#storage;
  }

  [dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#storage.references -= 1;
    if (this.#storage.references === 0) this.#storage.release();
  }
}

/** A tensor over `storage`, which counts it as one more. */
export function makeTensor<D extends DType>(storage: Storage, shape: Shape, dtype: D): WasmTensor<D> {
  return new TensorInMemory(storage, shape, dtype);
}

/** Whether `x` was made by a backend of this kind. */
export function isWasmTensor<D extends DType>(x: Tensor<D>): x is WasmTensor<D> {
  return x instanceof TensorInMemory;
}

/** Bytes of a tensor: four an element, of either dtype. */
export function bytesOf(shape: Shape): number {
  return 4 * sizeOf(shape);
}
