// A learned linear map: the weights of `Workspace.linear`.

import type { Activation, Workspace } from "../backend.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";

/** `weight` [I, O] and `bias` [O]. */
export interface LinearWeights<T = Tensor> {
  readonly weight: T;
  readonly bias: T | null;
}

/** The weights of a map from `inputs` to `outputs` columns, named `path.weight` and `path.bias`. */
export function layoutLinear<T>(
  path: string,
  inputs: number,
  outputs: number,
  biased: boolean,
  leaf: WeightLeaf<T>,
): LinearWeights<T> {
  return {
    weight: leaf({ name: `${path}.weight`, shape: [inputs, outputs], role: "matrix" }),
    bias: biased ? leaf({ name: `${path}.bias`, shape: [outputs], role: "bias" }) : null,
  };
}

/** act(x · weight + bias): x [P, I], returns [P, O]. */
export function applyLinear(workspace: Workspace, weights: LinearWeights, x: Tensor, activation?: Activation): Tensor {
  return workspace.linear(x, weights.weight, weights.bias, activation ?? null);
}
