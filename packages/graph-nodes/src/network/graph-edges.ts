// The edges of a batch on the device, once for all layers: who attends to whom, and what is known of each edge.

import {
  type AttentionPlan,
  type Backend,
  dispose,
  type Features,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import type { GraphEdgeInput } from "./graph-network-config.ts";

/** The edges of a batch. */
export interface BatchEdges {
  /** What attention runs by: nodes attend to nodes or, where features of edges are in the keys, to their edges. */
  readonly plan: AttentionPlan;
  /** Nodes attend to nodes. */
  readonly ofNodes: AttentionPlan;
  /** [E, G], where the network reads them. */
  readonly features: Tensor | null;
  /** The rows of the nodes that edges come from [E, 1], where keys are edges. */
  readonly sources: Tensor<"i32"> | null;
}

/** Whether attention is over edges as keys instead of nodes. */
export function keysAreEdges(edges: GraphEdgeInput | undefined): boolean {
  return edges !== undefined && edges.use !== "bias";
}

/** The edges of `features`, which `checkGraphFeatures` passed. */
export function uploadEdges(
  backend: Backend,
  workspace: Workspace,
  input: GraphEdgeInput | undefined,
  { offsets, pattern, edges }: Features,
): BatchEdges {
  if (pattern.kind !== "neighbors") {
    throw new TypeError(`Cannot use features: their pattern must be neighbors, it is ${pattern.kind}`);
  }
  const ofNodes = backend.plan(offsets, offsets, pattern);
  const features = input ? workspace.upload(edges!, [pattern.indices.length, input.width]) : null;
  if (!keysAreEdges(input)) return { plan: ofNodes, ofNodes, features, sources: null };
  const keys = offsets.map((row) => pattern.offsets[row]!);
  const sources = new Int32Array(pattern.indices.length);
  const places = new Int32Array(pattern.indices.length);
  for (let set = 0; set + 1 < offsets.length; set += 1) {
    for (let edge = keys[set]!; edge < keys[set + 1]!; edge += 1) {
      sources[edge] = offsets[set]! + pattern.indices[edge]!;
      places[edge] = edge - keys[set]!;
    }
  }
  return {
    plan: backend.plan(offsets, keys, { kind: "neighbors", offsets: pattern.offsets, indices: places }),
    ofNodes,
    features,
    sources: workspace.upload(sources, [sources.length, 1]),
  };
}

/** Frees what `uploadEdges` uploaded. */
export function releaseEdges({ features, sources }: BatchEdges): void {
  features?.[dispose]();
  sources?.[dispose]();
}
