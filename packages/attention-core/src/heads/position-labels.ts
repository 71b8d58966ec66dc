// A label for each position: one linear map over the hidden rows.

import type { Workspace } from "../backend.ts";
import { checkInteger, checkKind, largest } from "../config-checks.ts";
import { applyLinear, layoutLinear, type LinearWeights } from "../layers/linear.ts";
import type { Tensor } from "../tensor.ts";
import { describeLayout, type WeightLeaf, type WeightSpec } from "../weights.ts";

/** A head that labels positions. */
export interface PositionLabelsConfig {
  /** W, columns of a hidden row. */
  readonly width: number;
  /** L. */
  readonly labels: number;
}

/** The weights of the head: [W, L] and [L], named `path.weight` and `path.bias`. Throws for a configuration that is none. */
export function layoutPositionLabels<T>(
  config: PositionLabelsConfig,
  leaf: WeightLeaf<T>,
  path = "labels",
): LinearWeights<T> {
  checkKind(path, "the configuration", config, "object");
  checkInteger(path, "width", config.width, 1, largest.width);
  checkInteger(path, "labels", config.labels, 1, largest.count);
  return layoutLinear(path, config.width, config.labels, true, leaf);
}

/** Name, shape and role of each weight of the head. */
export function describePositionLabelsWeights(config: PositionLabelsConfig, path = "labels"): WeightSpec[] {
  return describeLayout((leaf) => layoutPositionLabels(config, leaf, path));
}

/** Scores [P, L] of hidden rows [P, W]. */
export function scorePositions(workspace: Workspace, weights: LinearWeights, rows: Tensor): Tensor {
  return applyLinear(workspace, weights, rows);
}
