// A tensor over memory that several may share, since `reshape` copies nothing: the last one that goes gives it back.

import { dispose } from "./disposal.ts";
import { DisposedError } from "./errors.ts";
import { type DType, formatShape, type Shape, type Tensor } from "./tensor.ts";

/** Memory under one or more tensors. */
export interface TensorStorage {
  /** Whose: a backend or a workspace. */
  readonly owner: object;
  /** Tensors that still use it. */
  references: number;
  /** Gives the memory back, now or in its turn. */
  readonly release: () => void;
}

/** A tensor that counts itself among those of its storage. Each backend has a class of its own, and takes no other. */
export class StoredTensor<S extends TensorStorage, D extends DType> implements Tensor<D> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly #storage: S;
  #disposed = false;

  constructor(storage: S, shape: Shape, dtype: D) {
    this.#storage = storage;
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    storage.references += 1;
  }

  /** Throws `DisposedError` after disposal. */
  get storage(): S {
    if (this.#disposed) {
      throw new DisposedError(`Cannot use a tensor of shape ${formatShape(this.shape)}: it is disposed`);
    }
    return this.#storage;
  }

  [dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#storage.references -= 1;
    if (this.#storage.references === 0) this.#storage.release();
  }
}
