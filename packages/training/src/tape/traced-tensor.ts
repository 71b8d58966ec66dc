// The handle that layers see: a tensor whose place on the device may outlive it, and, for a parameter, change under it.

import { dispose, DisposedError, type DType, formatShape, type Shape, type Tensor } from "@saccade/attention-core";
import type { Held } from "./held.ts";

/** A tensor of a differentiable backend. */
export class TracedTensor<D extends DType = "f32"> implements Tensor<D> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly backend: object;
  #held: Held<D> | null;

  /** Takes over one hold of `held`. */
  constructor(backend: object, held: Held<D>) {
    this.backend = backend;
    this.shape = held.tensor.shape;
    this.dtype = held.tensor.dtype;
    this.#held = held;
  }

  /** What it stands for. Throws `DisposedError` after disposal. */
  get held(): Held<D> {
    if (this.#held === null) {
      throw new DisposedError(
        `Cannot use a tensor of shape ${formatShape(this.shape)}: it must not be disposed, it is`,
      );
    }
    return this.#held;
  }

  /** Lets go of what it stands for and stands for what `make` returns, of the same shape. */
  replace(make: () => Held<D>): void {
    this[dispose]();
    this.#held = make();
  }

  [dispose](): void {
    this.#held?.release();
    this.#held = null;
  }
}

/** What `tensor` stands for. Throws `TypeError` for a tensor of another backend, `DisposedError` for a disposed one. */
export function heldOf<D extends DType>(backend: object, tensor: Tensor<D>): Held<D> {
  if (!(tensor instanceof TracedTensor) || tensor.backend !== backend) {
    throw new TypeError("Cannot use a tensor: it must have been made by this differentiable backend, it was not");
  }
  return (tensor as TracedTensor<D>).held;
}
