// Multi-head attention with its four learned maps (Vaswani et al. 2017, section 3.2.2). The queries' rows and the
// keys' rows may be of different sets: self-attention and cross-attention are the same block.

import type { Attended, AttentionBias, AttentionOptions, MapRequest, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { AttentionPlan } from "../plan.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import { type BatchPositions, rotateHeads } from "./batch-positions.ts";
import { headShape, type LayerConfig, type PositionBias } from "./layer-config.ts";
import { applyLinear, layoutLinear, type LinearWeights } from "./linear.ts";

/** `query` [W, H · D], `key` and `value` [S, kvHeads · D], `output` [H · D, W]; `relative` is the table of a learned bias. */
export interface AttentionBlockWeights<T = Tensor> {
  readonly query: LinearWeights<T>;
  readonly key: LinearWeights<T>;
  readonly value: LinearWeights<T>;
  readonly output: LinearWeights<T>;
  readonly relative: T | null;
}

/** Projected keys and values of some rows, [key rows, kvHeads · D] each. */
export interface KeysValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/**
 * The weights of a block, named `path.query`, `path.key`, `path.value`, `path.output` and `path.relative`. A block
 * that reads other rows than its own, `sourceWidth` wide, is blind to positions.
 */
export function layoutAttentionBlock<T>(
  path: string,
  config: LayerConfig,
  leaf: WeightLeaf<T>,
  sourceWidth?: number,
): AttentionBlockWeights<T> {
  const { width, biases = true } = config;
  const { heads, kvHeads, headWidth } = headShape(config);
  const source = sourceWidth ?? width;
  return {
    query: layoutLinear(`${path}.query`, width, heads * headWidth, biases, leaf),
    key: layoutLinear(`${path}.key`, source, kvHeads * headWidth, biases, leaf),
    value: layoutLinear(`${path}.value`, source, kvHeads * headWidth, biases, leaf),
    output: layoutLinear(`${path}.output`, heads * headWidth, width, biases, leaf),
    relative: sourceWidth === undefined ? layoutRelative(`${path}.relative`, heads, config.positionBias, leaf) : null,
  };
}

/** Keys and values of `rows` [key rows, S]; with `positions` keys turn as the configuration says. */
export function projectKeysValues(
  workspace: Workspace,
  config: LayerConfig,
  weights: AttentionBlockWeights,
  rows: Tensor,
  positions?: BatchPositions,
): KeysValues {
  const keys = applyLinear(workspace, weights.key, rows);
  const values = applyLinear(workspace, weights.value, rows);
  return {
    keys: positions ? rotateHeads(workspace, config, headShape(config).kvHeads, keys, positions) : keys,
    values,
  };
}

/** Frees keys and values. */
export function releaseKeysValues({ keys, values }: KeysValues): void {
  keys[dispose]();
  values[dispose]();
}

/** What attention needs to know beyond rows and keys. */
export interface AttendOptions {
  readonly plan: AttentionPlan;
  /** Of the query rows; left out where positions play no part, as in cross-attention. */
  readonly positions?: BatchPositions | undefined;
  readonly maps?: MapRequest | undefined;
}

/** Attends from `rows` [P, W] to keys and values: the output is [P, W]. All arguments stay the caller's. */
export function attend(
  workspace: Workspace,
  config: LayerConfig,
  weights: AttentionBlockWeights,
  rows: Tensor,
  { keys, values }: KeysValues,
  { plan, positions, maps }: AttendOptions,
): Attended {
  const projected = applyLinear(workspace, weights.query, rows);
  const queries = positions ? rotateHeads(workspace, config, config.heads, projected, positions) : projected;
  const bias = positions ? biasOf(config.positionBias, weights, positions) : undefined;
  const attended = workspace.attention(queries, keys, values, plan, attentionOptions(config, bias, maps));
  queries[dispose]();
  const output = applyLinear(workspace, weights.output, attended.output);
  attended.output[dispose]();
  return { output, maps: attended.maps };
}

function attentionOptions(
  config: LayerConfig,
  bias: AttentionBias | undefined,
  maps: MapRequest | undefined,
): AttentionOptions {
  const { heads, kvHeads } = headShape(config);
  const { scale, softcap, normalizer } = config;
  return {
    heads,
    kvHeads,
    ...(scale !== undefined && { scale }),
    ...(softcap !== undefined && { softcap }),
    ...(normalizer !== undefined && { normalizer }),
    ...(bias !== undefined && { bias }),
    ...(maps !== undefined && { maps }),
  };
}

function layoutRelative<T>(name: string, heads: number, bias: PositionBias | undefined, leaf: WeightLeaf<T>): T | null {
  if (bias?.kind === "relative") return leaf({ name, shape: [heads, 2 * bias.reach + 1], role: "table" });
  if (bias?.kind === "relative2d") {
    const [y, x] = bias.reach;
    return leaf({ name, shape: [heads, (2 * y + 1) * (2 * x + 1)], role: "table" });
  }
  return null;
}

function biasOf(
  bias: PositionBias | undefined,
  weights: AttentionBlockWeights,
  positions: BatchPositions,
): AttentionBias | undefined {
  if (positions.slopes) return { kind: "alibi", slopes: positions.slopes };
  if (!weights.relative) return undefined;
  if (bias?.kind === "relative2d")
    return { kind: "relative2d", table: weights.relative, columns: bias.columns, reach: bias.reach };
  return { kind: "relative", table: weights.relative };
}
