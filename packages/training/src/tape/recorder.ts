// What the operations need of a tape: the device under it, and the list that is walked back.

import type { DType, Tensor, TrainingWorkspace } from "@saccade/attention-core";
import type { Held } from "./held.ts";

/** What flows through an operation on the way back. */
export interface Flow {
  readonly device: TrainingWorkspace;
  /** The gradient of the operation's result. */
  readonly dy: Tensor;
  /** Adds to the gradient of `to`, and takes `gradient` over; frees it where `to` is not tracked. */
  readonly give: (to: Held, gradient: Tensor) => void;
  /** Adds `dy` itself to the gradient of `to`. */
  readonly pass: (to: Held) => void;
}

/** How to go back through an operation. */
export interface Pullback {
  /** What `backward` reads: kept alive until then. */
  readonly saves: readonly (Held<DType> | null)[];
  readonly backward: (flow: Flow) => void;
}

/** A tape as its operations see it. */
export interface Recorder {
  readonly device: TrainingWorkspace;
  held<D extends DType>(tensor: Tensor<D>): Held<D>;
  /** Whether an operation over `inputs` has to be recorded. */
  tracks(inputs: readonly (Held | null)[]): boolean;
  /** The handle of a result; `pullback` is asked for where one of `inputs` is tracked, with the result. */
  result(tensor: Tensor, inputs: readonly (Held | null)[], pullback: (result: Held) => Pullback): Tensor;
  /** A handle, which takes over one hold. */
  handle<D extends DType>(held: Held<D>): Tensor<D>;
  /** The handle of something that has no gradient. */
  constant<D extends DType>(tensor: Tensor<D>): Tensor<D>;
}
