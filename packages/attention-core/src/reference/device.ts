// What a reference backend and its workspaces share: the tensors that are alive, and the way in and out of them.

import { dispose } from "../disposal.ts";
import { DisposedError } from "../errors.ts";
import { type DType, type DTypeOf, type Shape, type Tensor } from "../tensor.ts";
import { ReferenceTensor, type Stored } from "./tensor.ts";

/** How results are stored; sums are float64 in any case. */
export type Precision = "f32" | "f64";

/** The tensors of one backend, each in one or more arenas. */
export class ReferenceDevice {
  readonly precision: Precision;
  readonly arena: Arena;
  liveTensors = 0;
  disposed = false;
  readonly #arenas = new Set<Arena>();

  constructor(precision: Precision) {
    this.precision = precision;
    this.arena = this.openArena();
  }

  openArena(): Arena {
    this.check("open a workspace");
    const arena = new Arena(this, () => this.#arenas.delete(arena));
    this.#arenas.add(arena);
    return arena;
  }

  /** Throws `DisposedError` once the backend is disposed. */
  check(action: string): void {
    if (this.disposed) throw new DisposedError(`Cannot ${action}: the backend must not be disposed, it is`);
  }

  /** The values of a tensor of this device. Throws `TypeError` for another's, `DisposedError` for a disposed one. */
  values<D extends DType>(operation: string, name: string, tensor: Tensor<D>): Stored<D> {
    if (!(tensor instanceof ReferenceTensor) || tensor.owner.device !== this) {
      throw new TypeError(`Cannot run ${operation}: ${name} must be a tensor of this backend, it belongs to another`);
    }
    return (tensor as ReferenceTensor<D>).values(operation, name);
  }

  dispose(): void {
    this.disposed = true;
    for (const arena of this.#arenas) arena.dispose();
  }
}

/** Tensors that go together. */
export class Arena {
  readonly device: ReferenceDevice;
  disposed = false;
  readonly #tensors = new Set<ReferenceTensor<DType>>();
  readonly #closed: () => void;

  constructor(device: ReferenceDevice, closed: () => void) {
    this.device = device;
    this.#closed = closed;
  }

  /** A tensor over `values` themselves, not a copy. */
  tensor<D extends DType>(dtype: D, values: Stored<D>, shape: Shape): Tensor<D> {
    const tensor = new ReferenceTensor(this, dtype, values, shape);
    this.#tensors.add(tensor);
    this.device.liveTensors += 1;
    return tensor;
  }

  /** A tensor of what an operation computed, rounded to the device's precision. */
  result(values: Float64Array, shape: Shape): Tensor {
    return this.tensor("f32", this.device.precision === "f64" ? values : new Float32Array(values), shape);
  }

  /** A tensor of a copy of the caller's values. */
  upload<V extends Float32Array | Int32Array>(values: V, dtype: DType, shape: Shape): Tensor<DTypeOf<V>> {
    const copy = dtype === "f32" && this.device.precision === "f64" ? new Float64Array(values) : values.slice();
    return this.tensor(dtype as DTypeOf<V>, copy as Stored<DTypeOf<V>>, shape);
  }

  release(tensor: ReferenceTensor<DType>): void {
    this.#tensors.delete(tensor);
    this.device.liveTensors -= 1;
  }

  dispose(): void {
    this.disposed = true;
    for (const tensor of this.#tensors) tensor[dispose]();
    this.#closed();
  }
}
