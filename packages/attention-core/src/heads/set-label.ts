// A label, or a number, for each set: its hidden rows brought down to one, then a linear map.

import type { Attended, AttentionMaps, Backend, MapRequest, Pooling, Workspace } from "../backend.ts";
import { checkInteger, checkKind, checkOneOf, largest } from "../config-checks.ts";
import { dispose } from "../disposal.ts";
import { checkHeads } from "../layers/layer-config.ts";
import { applyLinear, layoutLinear, type LinearWeights } from "../layers/linear.ts";
import { offsetsOf } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import { describeLayout, type WeightLeaf, type WeightSpec } from "../weights.ts";

/**
 * Learned queries that attend to the rows of the set: the pooling by attention of Lee et al. 2019 (Set Transformer,
 * section 3.2), with one query and one head close to the sequence pooling of Hassani et al. 2021.
 */
export interface AttentionPoolingConfig {
  readonly kind: "attention";
  /** A divisor of the width. */
  readonly heads: number;
  /** Q, learned queries, whose results stand side by side; default 1. */
  readonly queries?: number;
  /**
   * Whether keys and values are linear maps of the rows, each with weights [W, W]. Without, they are the rows themselves,
   * which leaves softmax(q · x / √D) over the set: little to learn where there is little data. Default true.
   */
  readonly projections?: boolean;
}

/** A head that labels sets. */
export interface SetLabelConfig {
  /** W, columns of a hidden row. */
  readonly width: number;
  /** L. */
  readonly labels: number;
  readonly pooling: { readonly kind: Pooling } | AttentionPoolingConfig;
}

/** The weights of attention pooling: `queries` [Q, W], and the maps to keys and values [W, W] where there are any. */
export interface AttentionPoolingWeights<T = Tensor> {
  readonly queries: T;
  readonly projections: { readonly key: LinearWeights<T>; readonly value: LinearWeights<T> } | null;
}

/** The weights of the head: those of attention pooling, and `output` [W, L], or [Q · W, L] after Q queries. */
export interface SetLabelWeights<T = Tensor> {
  readonly pooling: AttentionPoolingWeights<T> | null;
  readonly output: LinearWeights<T>;
}

/** The weights of the head from `leaf`, named `path.pooling.*` and `path.output.*`. Throws for a configuration that is none. */
export function layoutSetLabel<T>(config: SetLabelConfig, leaf: WeightLeaf<T>, path = "label"): SetLabelWeights<T> {
  checkSetLabelConfig(config, path);
  const { width, labels, pooling } = config;
  if (pooling.kind !== "attention")
    return { pooling: null, output: layoutLinear(`${path}.output`, width, labels, true, leaf) };
  const { queries = 1, projections = true } = pooling;
  return {
    pooling: {
      queries: leaf({ name: `${path}.pooling.queries`, shape: [queries, width], role: "embedding" }),
      projections: projections
        ? {
            key: layoutLinear(`${path}.pooling.key`, width, width, true, leaf),
            value: layoutLinear(`${path}.pooling.value`, width, width, true, leaf),
          }
        : null,
    },
    output: layoutLinear(`${path}.output`, queries * width, labels, true, leaf),
  };
}

/** Name, shape and role of each weight of the head. */
export function describeSetLabelWeights(config: SetLabelConfig, path = "label"): WeightSpec[] {
  return describeLayout((leaf) => layoutSetLabel(config, leaf, path));
}

/** Throws unless `config` describes a head that labels sets. */
export function checkSetLabelConfig(config: SetLabelConfig, subject = "label"): void {
  checkKind(subject, "the configuration", config, "object");
  checkInteger(subject, "width", config.width, 1, largest.width);
  checkInteger(subject, "labels", config.labels, 1, largest.count);
  checkKind(subject, "pooling", config.pooling, "object");
  checkOneOf(subject, "pooling.kind", config.pooling.kind, ["mean", "max", "first", "sum", "attention"]);
  if (config.pooling.kind !== "attention") return;
  checkHeads(`${subject}.pooling`, { width: config.width, heads: config.pooling.heads });
  checkInteger(subject, "pooling.queries", config.pooling.queries ?? 1, 1, largest.heads);
  if (config.pooling.projections !== undefined) {
    checkKind(subject, "pooling.projections", config.pooling.projections, "boolean");
  }
}

/** Scores, and the maps of attention pooling: what each set was judged by. */
export interface SetLabelled {
  /** [N, L]. */
  readonly scores: Tensor;
  readonly maps: AttentionMaps;
}

/** What else `scoreSets` may be told. */
export interface ScoreSetsOptions {
  /** Maps of attention pooling to keep; default none. */
  readonly maps?: MapRequest | undefined;
  /** Given the pooled rows [N, Q · W]; returns those to map to scores, and disposes the given ones if they are others. */
  readonly onPooled?: ((rows: Tensor) => Tensor) | undefined;
}

/** Scores of the sets at `offsets` [N + 1] of hidden rows [P, W]. An empty set is scored as a row of zeros. */
export function scoreSets(
  backend: Backend,
  workspace: Workspace,
  config: SetLabelConfig,
  weights: SetLabelWeights,
  rows: Tensor,
  offsets: Int32Array,
  options: ScoreSetsOptions = {},
): SetLabelled {
  const { pooling } = config;
  const { maps, onPooled } = options;
  const pooled =
    pooling.kind === "attention"
      ? poolByAttention(backend, workspace, pooling, weights, rows, offsets, maps)
      : { output: workspace.pool(rows, offsets, pooling.kind), maps: {} };
  const flat = workspace.reshape(pooled.output, [offsets.length - 1, weights.output.weight.shape[0] ?? 0]);
  const summary = onPooled ? onPooled(flat) : flat;
  const scores = applyLinear(workspace, weights.output, summary);
  summary[dispose]();
  pooled.output[dispose]();
  return { scores, maps: pooled.maps };
}

function poolByAttention(
  backend: Backend,
  workspace: Workspace,
  { heads, queries: queryCount = 1 }: AttentionPoolingConfig,
  { pooling }: SetLabelWeights,
  rows: Tensor,
  offsets: Int32Array,
  maps: MapRequest | undefined,
): Attended {
  if (!pooling) throw new TypeError("Cannot score sets: the weights must be those of attention pooling, they are not");
  const sets = offsets.length - 1;
  const plan = backend.plan(offsetsOf(Array.from({ length: sets }, () => queryCount)), offsets, { kind: "full" });
  const ids = workspace.upload(
    Int32Array.from({ length: sets * queryCount }, (_, row) => row % queryCount),
    [sets * queryCount],
  );
  const queries = workspace.embed(pooling.queries, ids);
  const { projections } = pooling;
  const keys = projections ? applyLinear(workspace, projections.key, rows) : rows;
  const values = projections ? applyLinear(workspace, projections.value, rows) : rows;
  const attended = workspace.attention(queries, keys, values, plan, { heads, ...(maps && { maps }) });
  for (const used of [ids, queries]) used[dispose]();
  if (projections) for (const used of [keys, values]) used[dispose]();
  return attended;
}
