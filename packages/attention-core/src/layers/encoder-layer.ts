// One layer of an encoder: a convolution where there is one, self-attention, then the feed-forward block, each beside a
// skipping path.

import type { Attended, AttentionMaps, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import {
  attend,
  type AttendOptions,
  type AttentionBlockWeights,
  layoutAttentionBlock,
  projectKeysValues,
  releaseKeysValues,
} from "./attention-block.ts";
import { convolve, type ConvolutionBlockWeights, layoutConvolutionBlock } from "./convolution-block.ts";
import { feedForward, type FeedForwardWeights, layoutFeedForward } from "./feed-forward.ts";
import type { LayerConfig } from "./layer-config.ts";
import { layoutNorm, type NormWeights } from "./norm.ts";
import { type BranchHook, residual } from "./residual.ts";

/** The weights of an encoder layer. */
export interface EncoderLayerWeights<T = Tensor> {
  /** Null where the configuration has no convolution. */
  readonly convolution: ConvolutionBlockWeights<T> | null;
  readonly attention: AttentionBlockWeights<T>;
  readonly attentionNorm: NormWeights<T>;
  readonly feedForward: FeedForwardWeights<T>;
  readonly feedForwardNorm: NormWeights<T>;
}

/** The weights of a layer, named `path.convolution`, `path.attention`, `path.attentionNorm`, `path.feedForward` and `path.feedForwardNorm`. */
export function layoutEncoderLayer<T>(path: string, config: LayerConfig, leaf: WeightLeaf<T>): EncoderLayerWeights<T> {
  return {
    convolution: layoutConvolutionBlock(`${path}.convolution`, config, leaf),
    attention: layoutAttentionBlock(`${path}.attention`, config, leaf),
    attentionNorm: layoutNorm(`${path}.attentionNorm`, config, leaf),
    feedForward: layoutFeedForward(`${path}.feedForward`, config, leaf),
    feedForwardNorm: layoutNorm(`${path}.feedForwardNorm`, config, leaf),
  };
}

/** How a layer runs in one batch. */
export interface EncoderLayerOptions extends AttendOptions {
  readonly onBranch?: BranchHook | undefined;
}

/** x [P, W] through one layer: [P, W] and the maps that were asked for. x stays the caller's. */
export function encoderLayer(
  workspace: Workspace,
  config: LayerConfig,
  weights: EncoderLayerWeights,
  x: Tensor,
  options: EncoderLayerOptions,
): Attended {
  let maps: AttentionMaps = {};
  const attention = (input: Tensor): Tensor => {
    const keysValues = projectKeysValues(workspace, config, weights.attention, input, options.positions);
    const attended = attend(workspace, config, weights.attention, input, keysValues, options);
    releaseKeysValues(keysValues);
    maps = attended.maps;
    return attended.output;
  };
  const forward = (input: Tensor): Tensor => feedForward(workspace, config, weights.feedForward, input);
  const near = convolveNeighbours(workspace, config, weights.convolution, x, options);
  const mixed = residual(workspace, config, weights.attentionNorm, near, attention, options.onBranch);
  if (near !== x) near[dispose]();
  const output = residual(workspace, config, weights.feedForwardNorm, mixed, forward, options.onBranch);
  mixed[dispose]();
  return { output, maps };
}

/** x through the convolution's block, x itself where there is none. */
function convolveNeighbours(
  workspace: Workspace,
  config: LayerConfig,
  weights: ConvolutionBlockWeights | null,
  x: Tensor,
  { positions, onBranch }: EncoderLayerOptions,
): Tensor {
  if (weights === null) return x;
  const windows = positions?.windows;
  if (!windows)
    throw new TypeError(
      "Cannot run an encoder layer: a convolution needs the windows of the batch's positions, there are none",
    );
  return residual(
    workspace,
    config,
    weights.norm,
    x,
    (input) => convolve(workspace, config, weights, input, windows),
    onBranch,
  );
}
