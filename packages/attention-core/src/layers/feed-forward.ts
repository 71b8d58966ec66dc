// The part of a layer that looks at each position alone: up to a wider row, through an activation, down again
// (Vaswani et al. 2017, section 3.3); gated, a second map multiplies the activated one (GEGLU and SwiGLU, Shazeer
// 2020: `gelu` or `silu` as the activation).

import type { Activation, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import type { LayerConfig } from "./layer-config.ts";
import { applyLinear, layoutLinear, type LinearWeights } from "./linear.ts";

/** The part of a configuration that feed-forward blocks read. */
export type FeedForwardConfig = Pick<LayerConfig, "width" | "feedForwardWidth" | "activation" | "gated" | "biases">;

/** `up` and `gate` [W, F], `down` [F, W]. The activation is on the gate, where there is one. */
export interface FeedForwardWeights<T = Tensor> {
  readonly up: LinearWeights<T>;
  readonly gate: LinearWeights<T> | null;
  readonly down: LinearWeights<T>;
}

/** The weights of a feed-forward block, named `path.up`, `path.gate` and `path.down`. */
export function layoutFeedForward<T>(
  path: string,
  config: FeedForwardConfig,
  leaf: WeightLeaf<T>,
): FeedForwardWeights<T> {
  const { width, feedForwardWidth, gated = false, biases = true } = config;
  return {
    up: layoutLinear(`${path}.up`, width, feedForwardWidth, biases, leaf),
    gate: gated ? layoutLinear(`${path}.gate`, width, feedForwardWidth, biases, leaf) : null,
    down: layoutLinear(`${path}.down`, feedForwardWidth, width, biases, leaf),
  };
}

/** down(act(up(x))), or down(act(gate(x)) · up(x)): x [P, W], returns [P, W]. */
export function feedForward(
  workspace: Workspace,
  config: FeedForwardConfig,
  weights: FeedForwardWeights,
  x: Tensor,
): Tensor {
  const wide = weights.gate
    ? gatedRows(workspace, config.activation, weights.gate, weights.up, x)
    : applyLinear(workspace, weights.up, x, config.activation);
  const output = applyLinear(workspace, weights.down, wide);
  wide[dispose]();
  return output;
}

function gatedRows(
  workspace: Workspace,
  activation: Activation,
  gate: LinearWeights,
  up: LinearWeights,
  x: Tensor,
): Tensor {
  const open = applyLinear(workspace, gate, x, activation);
  const rows = applyLinear(workspace, up, x);
  const product = workspace.multiply(open, rows);
  open[dispose]();
  rows[dispose]();
  return product;
}
