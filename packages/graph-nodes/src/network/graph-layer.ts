// One layer: attention over neighbours, the path that skips it, the activation, the feed-forward block.

import {
  applyLinear,
  applyNorm,
  type AttentionMaps,
  type BranchHook,
  dispose,
  feedForward,
  type NormWeights,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { attendNeighbors, type GraphAttentionOptions } from "./graph-attention.ts";
import { feedForwardConfig, type GraphLayerWeights, normConfig } from "./graph-layer-weights.ts";
import type { GraphLayer } from "./graph-network-config.ts";
import { share } from "./row-operations.ts";

/** How a layer runs in one batch. */
export interface GraphLayerOptions extends GraphAttentionOptions {
  /** Of attention's and the feed-forward block's results before they join a path that skips them. */
  readonly onBranch?: BranchHook | undefined;
  /** Given the rows [P, I] that attention reads; returns those to read, and disposes the given ones if they are others. */
  readonly onLayer?: ((rows: Tensor) => Tensor) | undefined;
}

/** x [P, I] through one layer: [P, O] and the maps that were asked for. x stays the caller's. */
export function graphLayer(
  workspace: Workspace,
  layer: GraphLayer,
  weights: GraphLayerWeights,
  x: Tensor,
  options: GraphLayerOptions,
): { readonly output: Tensor; readonly maps: AttentionMaps } {
  const { onLayer, onBranch } = options;
  const normed = normRows(workspace, layer, weights.norm, x);
  const rows = onLayer ? onLayer(normed) : normed;
  const attended = attendNeighbors(workspace, layer, weights, rows, options);
  rows[dispose]();
  let { output } = attended;
  const replace = (next: Tensor): void => {
    output[dispose]();
    output = next;
  };
  if (weights.bias) replace(workspace.add(output, weights.bias));
  if (layer.residual) {
    if (onBranch) output = onBranch(output);
    const skipped = weights.skip ? applyLinear(workspace, weights.skip, x) : share(workspace, x);
    replace(workspace.add(skipped, output));
    skipped[dispose]();
  }
  if (layer.activation) replace(workspace.activate(output, layer.activation));
  const block = feedForwardConfig(layer);
  if (block && weights.feedForward) {
    const input = normRows(workspace, layer, weights.feedForward.norm, output);
    const made = feedForward(workspace, block, weights.feedForward.block, input);
    const branch = onBranch ? onBranch(made) : made;
    replace(workspace.add(output, branch));
    for (const used of [input, branch]) used[dispose]();
  }
  return { output, maps: attended.maps };
}

/** x normalised, or x itself under another handle where the layer has no norms. */
function normRows(workspace: Workspace, { norm }: GraphLayer, weights: NormWeights | null, x: Tensor): Tensor {
  const [, width = 0] = x.shape;
  return norm && weights ? applyNorm(workspace, normConfig(norm, width), weights, x) : share(workspace, x);
}
