// What the kernels of attention are given.

import type { Tensor } from "../tensor.ts";
import type { MapsCall } from "./attention-maps.ts";

/** A call whose tensors are made. */
export interface AttentionWork extends Omit<MapsCall, "statistics"> {
  readonly values: GPUBuffer;
  readonly output: Tensor;
  readonly statistics: Tensor | null;
}
