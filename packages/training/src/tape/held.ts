// A tensor of the device and how many still need it: the caller's handle, and every recorded operation that will read
// it on the way back. It is freed when the last of them lets go, so that layers may dispose what the tape still needs.

import { dispose, type DType, type Tensor } from "@saccade/attention-core";

/** A tensor that several hold. */
export class Held<D extends DType = "f32"> {
  readonly tensor: Tensor<D>;
  /** Whether it depends on something whose gradient is asked for. */
  tracked: boolean;
  #holders = 1;

  /** The maker is the first holder. */
  constructor(tensor: Tensor<D>, tracked: boolean) {
    this.tensor = tensor;
    this.tracked = tracked;
  }

  /** One holder more. */
  hold(): this {
    this.#holders += 1;
    return this;
  }

  /** One holder fewer; with the last the tensor is freed. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.tensor[dispose]();
  }
}
