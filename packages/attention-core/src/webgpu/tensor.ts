// A tensor of this backend: a buffer, shared by those that `reshape` made of it.

import { dispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import { type DType, formatShape, type Shape, type Tensor } from "../tensor.ts";

/** A buffer under one or more tensors. */
export interface Storage {
  readonly buffer: GPUBuffer;
  /** Whose: a backend or a workspace. */
  readonly owner: object;
  /** Tensors that still use it. */
  references: number;
  readonly release: () => void;
}

/** The only kind of tensor that this backend takes. */
export class GpuTensor<D extends DType = "f32"> implements Tensor<D> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly #storage: Storage;
  #disposed = false;

  constructor(storage: Storage, shape: Shape, dtype: D) {
    this.#storage = storage;
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    storage.references += 1;
  }

  /** Throws `DisposedError` after disposal. */
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
