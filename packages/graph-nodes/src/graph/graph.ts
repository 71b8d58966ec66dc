// A graph as plain data: it may come from a file and cross to a worker. What is made of it for attention is in
// `neighbor-rows.ts`.

/**
 * The edges of a graph of P nodes. A list: edge e goes from node `from[e]` to node `to[e]`, so that `to[e]` attends to
 * `from[e]`; in an undirected graph each edge is listed once, either way round, and both ends attend to each other. Or
 * compressed sparse rows: node p attends to `indices[offsets[p] .. offsets[p + 1])`, `offsets` being [P + 1]; in an
 * undirected graph each edge then stands in the rows of both ends.
 */
export type GraphEdges =
  | { readonly kind: "list"; readonly from: Int32Array; readonly to: Int32Array }
  | { readonly kind: "rows"; readonly offsets: Int32Array; readonly indices: Int32Array };

/**
 * What is known of each of P nodes. Dense: `width` numbers each, `values` [P, width]. Sparse: node p has the features
 * `columns[offsets[p] .. offsets[p + 1])`, out of `width`, with `values` beside them, all 1 where there are none.
 */
export type NodeFeatures =
  | { readonly kind: "dense"; readonly width: number; readonly values: Float32Array }
  | {
      readonly kind: "sparse";
      readonly width: number;
      /** [P + 1]. */
      readonly offsets: Int32Array;
      readonly columns: Int32Array;
      readonly values?: Float32Array;
    };

/** `width` numbers for each edge in the order of the graph's list or rows: `values` [E, width]. */
export interface EdgeFeatures {
  readonly width: number;
  readonly values: Float32Array;
}

/** A graph. `checkGraph` says what it must fulfil. */
export interface Graph {
  /** P. */
  readonly nodes: number;
  readonly direction: "directed" | "undirected";
  readonly edges: GraphEdges;
  readonly nodeFeatures: NodeFeatures;
  readonly edgeFeatures?: EdgeFeatures;
}
