// Normalisation of each row: layer norm (Ba et al. 2016) or root mean square norm (Zhang and Sennrich 2019).

import type { Workspace } from "../backend.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import type { LayerConfig } from "./layer-config.ts";

/** The part of a configuration that norms read. */
export type NormConfig = Pick<LayerConfig, "width" | "norm" | "epsilon" | "biases">;

/** `gain` and `bias`, both [W]; root mean square norms have no bias. */
export interface NormWeights<T = Tensor> {
  readonly gain: T;
  readonly bias: T | null;
}

/** The weights of a norm, named `path.gain` and `path.bias`. */
export function layoutNorm<T>(path: string, config: NormConfig, leaf: WeightLeaf<T>): NormWeights<T> {
  const shape = [config.width];
  const biased = config.norm === "layer" && config.biases !== false;
  return {
    gain: leaf({ name: `${path}.gain`, shape, role: "gain" }),
    bias: biased ? leaf({ name: `${path}.bias`, shape, role: "bias" }) : null,
  };
}

/** Each row of x [P, W] normalised. */
export function applyNorm(workspace: Workspace, config: NormConfig, weights: NormWeights, x: Tensor): Tensor {
  return config.norm === "layer"
    ? workspace.layerNorm(x, weights.gain, weights.bias, config.epsilon)
    : workspace.rmsNorm(x, weights.gain, config.epsilon);
}
