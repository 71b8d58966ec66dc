// One layer of an encoder: self-attention, then the feed-forward block, each beside a skipping path.

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
import { feedForward, type FeedForwardWeights, layoutFeedForward } from "./feed-forward.ts";
import type { LayerConfig } from "./layer-config.ts";
import { layoutNorm, type NormWeights } from "./norm.ts";
import { type BranchHook, residual } from "./residual.ts";

/** The weights of an encoder layer. */
export interface EncoderLayerWeights<T = Tensor> {
  readonly attention: AttentionBlockWeights<T>;
  readonly attentionNorm: NormWeights<T>;
  readonly feedForward: FeedForwardWeights<T>;
  readonly feedForwardNorm: NormWeights<T>;
}

/** The weights of a layer, named `path.attention`, `path.attentionNorm`, `path.feedForward` and `path.feedForwardNorm`. */
export function layoutEncoderLayer<T>(path: string, config: LayerConfig, leaf: WeightLeaf<T>): EncoderLayerWeights<T> {
  return {
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
  const mixed = residual(workspace, config, weights.attentionNorm, x, attention, options.onBranch);
  const output = residual(workspace, config, weights.feedForwardNorm, mixed, forward, options.onBranch);
  mixed[dispose]();
  return { output, maps };
}
