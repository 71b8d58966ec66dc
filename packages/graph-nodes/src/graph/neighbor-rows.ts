// Edges as attention reads them: one row per node that attends.

import type { Graph } from "./graph.ts";

/** The neighbours of each of P nodes, E in all; their order is that of the weights that a model gives to edges. */
export interface NeighborRows {
  /** [P + 1]. */
  readonly offsets: Int32Array;
  /** The node that is attended to [E]. */
  readonly indices: Int32Array;
  /** The entry of the graph's list or rows that each is, whose features it has; -1 for an added loop [E]. */
  readonly entries: Int32Array;
}

/** What else is in the rows. */
export interface NeighborOptions {
  /** Adds to each node without a loop one to itself, after its neighbours. Default false. */
  readonly selfLoops?: boolean;
}

/**
 * The neighbours of each node of a graph that `checkGraph` passed: in the order of its rows, or in that of its list, in
 * which an undirected edge counts for both ends where it is listed.
 */
export function neighborRows(graph: Graph, { selfLoops = false }: NeighborOptions = {}): NeighborRows {
  const rows = graph.edges.kind === "rows" ? rowsAsTheyAre(graph.edges) : rowsOfList(graph, graph.edges);
  return selfLoops ? addLoops(rows) : rows;
}

/** For each edge of `rows` the node that attends [E]. */
export function attendingNodes({ offsets, indices }: Pick<NeighborRows, "offsets" | "indices">): Int32Array {
  const nodes = new Int32Array(indices.length);
  for (let row = 0; row + 1 < offsets.length; row += 1) nodes.fill(row, offsets[row]!, offsets[row + 1]!);
  return nodes;
}

function rowsAsTheyAre({ offsets, indices }: Extract<Graph["edges"], { kind: "rows" }>): NeighborRows {
  return { offsets, indices, entries: Int32Array.from(indices, (_, edge) => edge) };
}

function rowsOfList(
  { nodes, direction }: Graph,
  { from, to }: Extract<Graph["edges"], { kind: "list" }>,
): NeighborRows {
  const isBothWays = (edge: number): boolean => direction === "undirected" && from[edge] !== to[edge];
  const offsets = new Int32Array(nodes + 1);
  for (let edge = 0; edge < from.length; edge += 1) {
    offsets[to[edge]! + 1]! += 1;
    if (isBothWays(edge)) offsets[from[edge]! + 1]! += 1;
  }
  for (let node = 0; node < nodes; node += 1) offsets[node + 1]! += offsets[node]!;
  const next = offsets.slice(0, nodes);
  const indices = new Int32Array(offsets[nodes]!);
  const entries = new Int32Array(offsets[nodes]!);
  const add = (node: number, neighbor: number, entry: number): void => {
    const place = next[node]!;
    next[node] = place + 1;
    indices[place] = neighbor;
    entries[place] = entry;
  };
  for (let edge = 0; edge < from.length; edge += 1) {
    add(to[edge]!, from[edge]!, edge);
    if (isBothWays(edge)) add(from[edge]!, to[edge]!, edge);
  }
  return { offsets, indices, entries };
}

/** The same rows with a loop at the end of each row that has none. */
export function addLoops({ offsets, indices, entries }: NeighborRows): NeighborRows {
  const nodes = offsets.length - 1;
  const looped: NeighborRows = {
    offsets: new Int32Array(nodes + 1),
    indices: new Int32Array(indices.length + nodes),
    entries: new Int32Array(indices.length + nodes),
  };
  let at = 0;
  for (let node = 0; node < nodes; node += 1) {
    const neighbors = indices.subarray(offsets[node]!, offsets[node + 1]!);
    looped.indices.set(neighbors, at);
    looped.entries.set(entries.subarray(offsets[node]!, offsets[node + 1]!), at);
    at += neighbors.length;
    if (!neighbors.includes(node)) {
      looped.indices[at] = node;
      looped.entries[at] = -1;
      at += 1;
    }
    looped.offsets[node + 1] = at;
  }
  return { offsets: looped.offsets, indices: looped.indices.slice(0, at), entries: looped.entries.slice(0, at) };
}
