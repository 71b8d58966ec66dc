// Rows of nodes at the ends of edges, and sums over the edges of each node, in either form. "Edges" below are a list [E],
// or neighbours [P, K] padded to the longest row.
import type { OnnxBuilder } from "./onnx-builder.ts";
import { forbidden, type OnnxGraphForm } from "./onnx-graph-inputs.ts";

/** Nodes of the graph that is built, by the names of values. */
export interface NeighborNodes {
  /** Rows of nodes [P, ...] at the node that each edge is attended to from: [edges, ...]. */
  readonly atSources: (rows: string) => string;
  /** Rows of nodes [P, ...] at the node that attends: as `atSources`, or broadcast over its edges. */
  readonly atTargets: (rows: string) => string;
  /** What is known of edges in their order [E, ...]: [edges, ...]. */
  readonly atEdges: (rows: string) => string;
  /** [edges, H · D] as [edges, H, D]. */
  readonly inHeads: (rows: string, heads: number, headWidth: number) => string;
  /** The softmax of scores [edges, H] over the edges of each node: [edges, H]. */
  readonly weigh: (scores: string, heads: number) => string;
  /** Sums over the edges of each node of values [edges, H, D] times weights: [P, width]. */
  readonly mix: (weights: string, values: string, width: number) => string;
}

/** The nodes for `form`, over `nodes` nodes in all. */
export function neighborNodes(builder: OnnxBuilder, form: OnnxGraphForm, nodes: number): NeighborNodes {
  return form === "ScatterND" ? listedNodes(builder, nodes) : paddedNodes(builder, nodes);
}

function listedNodes(builder: OnnxBuilder, nodes: number): NeighborNodes {
  const reduce = (values: string, width: number, reduction: "add" | "max"): string => {
    const empty = new Float32Array(nodes * width).fill(reduction === "max" ? forbidden : 0);
    return builder.node("ScatterND", [builder.constant(empty, [nodes, width]), "targetRows", values], { reduction });
  };
  const atTargets = (rows: string): string => builder.node("Gather", [rows, "targets"]);
  return {
    atSources: (rows) => builder.node("Gather", [rows, "sources"]),
    atTargets,
    atEdges: (rows) => rows,
    inHeads: (rows, heads, headWidth) => builder.node("Reshape", [rows, builder.list(0, heads, headWidth)]),
    weigh(scores, heads) {
      const shifted = builder.node("Sub", [scores, atTargets(reduce(scores, heads, "max"))]);
      const raised = builder.node("Exp", [shifted]);
      return builder.node("Div", [raised, atTargets(reduce(raised, heads, "add"))]);
    },
    mix(weights, values, width) {
      const weighed = builder.node("Mul", [values, builder.node("Unsqueeze", [weights, builder.list(2)])]);
      return reduce(builder.node("Reshape", [weighed, builder.list(0, width)]), width, "add");
    },
  };
}

function paddedNodes(builder: OnnxBuilder, nodes: number): NeighborNodes {
  return {
    atSources: (rows) => builder.node("Gather", [rows, "neighbors"]),
    atTargets: (rows) => builder.node("Unsqueeze", [rows, builder.list(1)]),
    atEdges: (rows) => builder.node("Gather", [rows, "places"]),
    inHeads: (rows, heads, headWidth) => builder.node("Reshape", [rows, builder.list(0, 0, heads, headWidth)]),
    weigh: (scores) => builder.node("Softmax", [builder.node("Add", [scores, "mask"])], { axis: 1 }),
    mix(weights, values, width) {
      const weighed = builder.node("Mul", [values, builder.node("Unsqueeze", [weights, builder.list(3)])]);
      const sums = builder.node("ReduceSum", [weighed, builder.list(1)], { keepdims: 0 });
      return builder.node("Reshape", [sums, builder.list(nodes, width)]);
    },
  };
}
