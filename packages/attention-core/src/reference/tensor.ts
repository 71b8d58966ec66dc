import { dispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import type { DType, Shape, Tensor } from "../tensor.ts";
import type { Floats } from "./floats.ts";

/** The array behind a tensor. */
export type Stored<D extends DType> = D extends "f32" ? Floats : Int32Array;

/** Who made a tensor, and is told when it goes. */
export interface TensorOwner {
  readonly device: object;
  release(tensor: ReferenceTensor<DType>): void;
}

/** An array on the host that is used as if it were on a device. */
export class ReferenceTensor<D extends DType> implements Tensor<D> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly owner: TensorOwner;
  #values: Stored<D> | null;

  constructor(owner: TensorOwner, dtype: D, values: Stored<D>, shape: Shape) {
    this.owner = owner;
    this.dtype = dtype;
    this.shape = Object.freeze([...shape]);
    this.#values = values;
  }

  /** The values; throws `DisposedError` after disposal. */
  values(operation: string, name: string): Stored<D> {
    if (this.#values === null) throw new DisposedError(`Cannot run ${operation}: ${name} must not be disposed, it is`);
    return this.#values;
  }

  [dispose](): void {
    if (this.#values === null) return;
    this.#values = null;
    this.owner.release(this);
  }
}
