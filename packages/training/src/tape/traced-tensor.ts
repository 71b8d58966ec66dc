// The handle that layers see: a tensor whose place on the device may outlive it, and, for a parameter, change under it.

import { dispose, DisposedError, type DType, formatShape, type Shape, type Tensor } from "@saccade/attention-core";
import type { Held } from "./held.ts";

/** A tensor of a differentiable backend. */
export interface TracedTensor<D extends DType = "f32"> extends Tensor<D> {
  readonly backend: object;
  /** What it stands for. Throws `DisposedError` after disposal. */
  readonly held: Held<D>;
  /** Lets go of what it stands for and stands for what `make` returns, of the same shape. */
  replace(make: () => Held<D>): void;
}

class Handle<D extends DType> implements TracedTensor<D> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly backend: object;
  #held: Held<D> | null;

  constructor(backend: object, held: Held<D>) {
    this.backend = backend;
    this.shape = held.tensor.shape;
    this.dtype = held.tensor.dtype;
    this.#held = held;
  }

  get held(): Held<D> {
    if (this.#held === null) {
      throw new DisposedError(
        `Cannot use a tensor of shape ${formatShape(this.shape)}: it must not be disposed, it is`,
      );
    }
    return this.#held;
  }

  replace(make: () => Held<D>): void {
    this[dispose]();
    this.#held = make();
  }

  [dispose](): void {
    this.#held?.release();
    this.#held = null;
  }
}

/** A handle of `backend`, which takes over one hold of `held`. */
export function traceTensor<D extends DType>(backend: object, held: Held<D>): TracedTensor<D> {
  return new Handle(backend, held);
}

/** What `tensor` stands for. Throws `TypeError` for a tensor of another backend, `DisposedError` for a disposed one. */
export function heldOf<D extends DType>(backend: object, tensor: Tensor<D>): Held<D> {
  if (!(tensor instanceof Handle) || tensor.backend !== backend) {
    throw new TypeError("Cannot use a tensor: it must have been made by this differentiable backend, it was not");
  }
  return (tensor as TracedTensor<D>).held;
}
