// Attention of one layer: what nodes ask with, what they or their edges answer with, and what is mixed.

import {
  applyLinear,
  type AttentionMaps,
  type AttentionScore,
  dispose,
  type MapRequest,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import type { BatchEdges } from "./graph-edges.ts";
import type { GraphLayerWeights, ScoreWeights } from "./graph-layer-weights.ts";
import type { GraphLayer } from "./graph-network-config.ts";
import { headDots, meanOfHeads, scaleRows, share } from "./row-operations.ts";

/** What attention needs to know beside rows. */
export interface GraphAttentionOptions {
  readonly edges: BatchEdges;
  /** Whether features of edges are part of what is mixed. */
  readonly edgesInValues: boolean;
  readonly maps?: MapRequest | undefined;
  /** Given the values [P, H · D] before they are mixed; returns those to mix, and disposes the given ones if they are others. */
  readonly onValues?: ((values: Tensor) => Tensor) | undefined;
}

/** Keeps what is made on the way, to be freed at the end; frees a tensor once, however often it is kept. */
type Keep = (made: Tensor) => Tensor;

/** Attention of `layer` from `rows` [P, I], without its bias: [P, O], and the maps that were asked for. `rows` stay the caller's. */
export function attendNeighbors(
  workspace: Workspace,
  layer: GraphLayer,
  weights: GraphLayerWeights,
  rows: Tensor,
  { edges, edgesInValues, maps: request, onValues }: GraphAttentionOptions,
): { readonly output: Tensor; readonly maps: AttentionMaps } {
  const kept = new Set<Tensor>();
  const keep: Keep = (made) => {
    kept.add(made);
    return made;
  };
  const { query, key, value, score } = project(workspace, weights.score, layer, rows, keep);
  const { bias, onKeys, onValuesOfEdges } = mapEdges(workspace, weights, edges, edgesInValues, keep);
  const keys = atEdges(workspace, key, edges, onKeys, keep);
  const values = onValues ? keep(onValues(share(workspace, value))) : value;
  const options = {
    heads: layer.heads,
    ...(score && { score }),
    ...(bias && { bias: { kind: "edges" as const, values: bias } }),
  };
  const attend = (mixed: Tensor, maps?: MapRequest): ReturnType<Workspace["attention"]> =>
    workspace.attention(query, keys, atEdges(workspace, mixed, edges, onValuesOfEdges, keep), edges.plan, {
      ...options,
      ...(maps && { maps }),
    });
  const attended = attend(values, request);
  let { output } = attended;
  const { steps, teleport } = layer.diffusion ?? { steps: 0, teleport: 0 };
  for (let step = 0; step < steps; step += 1) {
    if (step > 0) output = attend(keep(output)).output;
    const moved = keep(scaleRows(workspace, keep(output), 1 - teleport));
    output = workspace.add(moved, keep(scaleRows(workspace, values, teleport)));
  }
  if (layer.combine === "mean") output = meanOfHeads(workspace, keep(output), layer.heads);
  for (const made of kept) made[dispose]();
  return { output, maps: attended.maps };
}

interface Projected {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly score: AttentionScore | null;
}

/** Leaky ReLU with the slope 0.2 of both papers, which is the default. */
const activation = "leakyRelu";

function project(
  workspace: Workspace,
  weights: ScoreWeights,
  { heads }: GraphLayer,
  rows: Tensor,
  keep: Keep,
): Projected {
  if (weights.kind === "gat") {
    const value = weights.map ? keep(applyLinear(workspace, weights.map, rows)) : rows;
    const vector = keep(workspace.upload(new Float32Array(heads).fill(1), [heads, 1]));
    return {
      query: keep(headDots(workspace, value, weights.target)),
      key: keep(headDots(workspace, value, weights.source)),
      value,
      score: { kind: "additive", vector, activation },
    };
  }
  const query = keep(applyLinear(workspace, weights.query, rows));
  const key = keep(applyLinear(workspace, weights.key, rows));
  return weights.kind === "gatv2"
    ? { query, key, value: key, score: { kind: "additive", vector: weights.vector, activation } }
    : { query, key, value: keep(applyLinear(workspace, weights.value, rows)), score: null };
}

/** What features of edges add to scores [E, H], to keys and to values. */
interface MappedEdges {
  readonly bias: Tensor | null;
  readonly onKeys: Tensor | null;
  readonly onValuesOfEdges: Tensor | null;
}

function mapEdges(
  workspace: Workspace,
  { edges: { bias, key, value } }: GraphLayerWeights,
  { features }: BatchEdges,
  inValues: boolean,
  keep: Keep,
): MappedEdges {
  const map = (weights: typeof bias): Tensor | null =>
    weights && features ? keep(applyLinear(workspace, weights, features)) : null;
  const onKeys = map(key);
  return { bias: map(bias), onKeys, onValuesOfEdges: inValues ? (value ? map(value) : onKeys) : null };
}

/** `rows` of nodes as they are, or where keys are edges those that edges come from [E, W], with `added` to them. */
function atEdges(
  workspace: Workspace,
  rows: Tensor,
  { sources }: BatchEdges,
  added: Tensor | null,
  keep: Keep,
): Tensor {
  if (sources === null) return rows;
  const gathered = keep(workspace.unfold(rows, sources));
  return added === null ? gathered : keep(workspace.add(gathered, added));
}
