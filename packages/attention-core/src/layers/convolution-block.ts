// The part of an encoder layer that looks at neighbouring rows, as convolutions beside attention do in Gulati et al. 2020
// (Conformer): here a full convolution with its activation, before self-attention.

import type { Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import type { LayerConfig } from "./layer-config.ts";
import { applyLinear, layoutLinear, type LinearWeights } from "./linear.ts";
import { layoutNorm, type NormWeights } from "./norm.ts";

/** `linear` [T · W, W] of T = left + 1 + right rows side by side, first to last; and the norm of the block. */
export interface ConvolutionBlockWeights<T = Tensor> {
  readonly linear: LinearWeights<T>;
  readonly norm: NormWeights<T>;
}

/** The weights of the block, named `path.weight`, `path.bias` and `path.norm.*`; null where the configuration has none. */
export function layoutConvolutionBlock<T>(
  path: string,
  config: LayerConfig,
  leaf: WeightLeaf<T>,
): ConvolutionBlockWeights<T> | null {
  const { width, biases = true, convolution } = config;
  if (convolution === undefined) return null;
  const taps = convolution.left + 1 + convolution.right;
  return {
    linear: layoutLinear(path, taps * width, width, biases, leaf),
    norm: layoutNorm(`${path}.norm`, config, leaf),
  };
}

/** act(linear(unfold(x))): x [P, W], `windows` [P, T] the rows that each row sees; returns [P, W]. */
export function convolve(
  workspace: Workspace,
  config: LayerConfig,
  weights: ConvolutionBlockWeights,
  x: Tensor,
  windows: Tensor<"i32">,
): Tensor {
  const neighbours = workspace.unfold(x, windows);
  const output = applyLinear(workspace, weights.linear, neighbours, config.convolution?.activation);
  neighbours[dispose]();
  return output;
}
