// Scores of nodes or of graphs.

import {
  applyLinear,
  type AttentionMaps,
  type Backend,
  dispose,
  layoutLinear,
  layoutPositionLabels,
  layoutSetLabel,
  type LinearWeights,
  scorePositions,
  scoreSets,
  type ScoreSetsOptions,
  type SetLabelConfig,
  type SetLabelWeights,
  type Tensor,
  type WeightLeaf,
  type Workspace,
} from "@saccade/attention-core";
import type { GraphHead } from "./graph-network-config.ts";
import { share } from "./row-operations.ts";

/** The weights of a head: of nodes, null where rows are scores; of graphs, those of each readout and of the last map. */
export type GraphHeadWeights<T = Tensor> =
  | { readonly kind: "position-labels"; readonly labels: LinearWeights<T> | null }
  | {
      readonly kind: "set-label";
      readonly readout: readonly SetLabelWeights<T>[];
      readonly output: LinearWeights<T> | null;
    };

/** The weights of a head for rows of `width` columns, named `head.*`. */
export function layoutHead<T>(head: GraphHead, width: number, leaf: WeightLeaf<T>): GraphHeadWeights<T> {
  if (head.kind === "position-labels") {
    const { kind, labels, map = true } = head;
    return { kind, labels: map ? layoutPositionLabels({ width, labels }, leaf, "head") : null };
  }
  return {
    kind: head.kind,
    readout: readoutConfigs(head, width).map((config, n) => layoutSetLabel(config, leaf, `head.readout.${n}`)),
    output: head.hidden ? layoutLinear("head.output", head.hidden.width, head.labels, true, leaf) : null,
  };
}

/** Scores of hidden rows [P, width], and the maps of a readout that attends. */
export function scoreHead(
  backend: Backend,
  workspace: Workspace,
  head: GraphHead,
  weights: GraphHeadWeights,
  rows: Tensor,
  offsets: Int32Array,
  options: ScoreSetsOptions,
): { readonly scores: Tensor; readonly maps: readonly AttentionMaps[] } {
  if (head.kind === "position-labels" && weights.kind === "position-labels") {
    const scores = weights.labels ? scorePositions(workspace, weights.labels, rows) : share(workspace, rows);
    return { scores, maps: [] };
  }
  if (head.kind !== "set-label" || weights.kind !== "set-label") {
    throw new TypeError(
      `Cannot score: the weights must be those of a head for ${head.kind}, they are for ${weights.kind}`,
    );
  }
  const [, width = 0] = rows.shape;
  const maps: AttentionMaps[] = [];
  let sum: Tensor | null = null;
  for (const [n, config] of readoutConfigs(head, width).entries()) {
    const made = scoreSets(backend, workspace, config, weights.readout[n]!, rows, offsets, options);
    if (config.pooling.kind === "attention") maps.push(made.maps);
    sum = sum ? addAndFree(workspace, sum, made.scores) : made.scores;
  }
  if (!head.hidden || !weights.output) return { scores: sum!, maps };
  const activated = workspace.activate(sum!, head.hidden.activation);
  const scores = applyLinear(workspace, weights.output, activated);
  for (const used of [sum!, activated]) used[dispose]();
  return { scores, maps };
}

function readoutConfigs(head: Extract<GraphHead, { kind: "set-label" }>, width: number): SetLabelConfig[] {
  const labels = head.hidden?.width ?? head.labels;
  return head.readout.map((pooling) => ({ width, labels, pooling }));
}

function addAndFree(workspace: Workspace, a: Tensor, b: Tensor): Tensor {
  const sum = workspace.add(a, b);
  a[dispose]();
  b[dispose]();
  return sum;
}
