// One layer of a decoder: self-attention over what is there so far, cross-attention to an encoder's output where
// there is one, then the feed-forward block.

import type { AttentionMaps, MapRequest, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { AttentionPlan } from "../plan.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import {
  attend,
  type AttentionBlockWeights,
  type KeysValues,
  layoutAttentionBlock,
  projectKeysValues,
} from "./attention-block.ts";
import type { BatchPositions } from "./batch-positions.ts";
import { feedForward, type FeedForwardWeights, layoutFeedForward } from "./feed-forward.ts";
import type { LayerConfig } from "./layer-config.ts";
import { layoutNorm, type NormWeights } from "./norm.ts";
import { type BranchHook, residual } from "./residual.ts";

/** The weights of a decoder layer; `cross` where it reads an encoder's output. */
export interface DecoderLayerWeights<T = Tensor> {
  readonly attention: AttentionBlockWeights<T>;
  readonly attentionNorm: NormWeights<T>;
  readonly cross: { readonly attention: AttentionBlockWeights<T>; readonly norm: NormWeights<T> } | null;
  readonly feedForward: FeedForwardWeights<T>;
  readonly feedForwardNorm: NormWeights<T>;
}

/**
 * The weights of a layer, named `path.attention`, `path.attentionNorm`, `path.cross.attention`, `path.cross.norm`,
 * `path.feedForward` and `path.feedForwardNorm`.
 */
export function layoutDecoderLayer<T>(
  path: string,
  config: LayerConfig,
  memoryWidth: number | undefined,
  leaf: WeightLeaf<T>,
): DecoderLayerWeights<T> {
  return {
    attention: layoutAttentionBlock(`${path}.attention`, config, leaf),
    attentionNorm: layoutNorm(`${path}.attentionNorm`, config, leaf),
    cross:
      memoryWidth === undefined
        ? null
        : {
            attention: layoutAttentionBlock(`${path}.cross.attention`, config, leaf, memoryWidth),
            norm: layoutNorm(`${path}.cross.norm`, config, leaf),
          },
    feedForward: layoutFeedForward(`${path}.feedForward`, config, leaf),
    feedForwardNorm: layoutNorm(`${path}.feedForwardNorm`, config, leaf),
  };
}

/** What a decoder layer attends to, and what it is to return. */
export interface DecoderLayerOptions {
  readonly plan: AttentionPlan;
  readonly positions: BatchPositions;
  /** Turns the new rows' keys and values into all that self-attention reads: appends them to a cache. Takes them over. */
  readonly extend?: ((added: KeysValues) => KeysValues) | undefined;
  readonly memory?: { readonly keysValues: KeysValues; readonly plan: AttentionPlan } | undefined;
  readonly maps?: MapRequest | undefined;
  readonly crossMaps?: MapRequest | undefined;
  readonly onBranch?: BranchHook | undefined;
}

/** What a decoder layer returns. */
export interface DecoderLayerResult {
  /** [P, W]. */
  readonly output: Tensor;
  /** All keys and values of self-attention, the caller's to free. */
  readonly keysValues: KeysValues;
  readonly maps: AttentionMaps;
  readonly crossMaps: AttentionMaps;
}

/** New rows x [P, W] through one layer. x stays the caller's. */
export function decoderLayer(
  workspace: Workspace,
  config: LayerConfig,
  weights: DecoderLayerWeights,
  x: Tensor,
  options: DecoderLayerOptions,
): DecoderLayerResult {
  const { plan, positions, extend, memory, onBranch } = options;
  let keysValues: KeysValues | undefined;
  let maps: AttentionMaps = {};
  let crossMaps: AttentionMaps = {};
  const attention = (input: Tensor): Tensor => {
    const added = projectKeysValues(workspace, config, weights.attention, input, positions);
    keysValues = extend ? extend(added) : added;
    const attended = attend(workspace, config, weights.attention, input, keysValues, {
      plan,
      positions,
      maps: options.maps,
    });
    maps = attended.maps;
    return attended.output;
  };
  const forward = (input: Tensor): Tensor => feedForward(workspace, config, weights.feedForward, input);

  let mixed = residual(workspace, config, weights.attentionNorm, x, attention, onBranch);
  if (weights.cross && memory) {
    const { attention: block, norm } = weights.cross;
    const cross = (input: Tensor): Tensor => {
      const attended = attend(workspace, config, block, input, memory.keysValues, {
        plan: memory.plan,
        maps: options.crossMaps,
      });
      crossMaps = attended.maps;
      return attended.output;
    };
    const crossed = residual(workspace, config, norm, mixed, cross, onBranch);
    mixed[dispose]();
    mixed = crossed;
  }
  const output = residual(workspace, config, weights.feedForwardNorm, mixed, forward, onBranch);
  mixed[dispose]();
  return { output, keysValues: keysValues as KeysValues, maps, crossMaps };
}
