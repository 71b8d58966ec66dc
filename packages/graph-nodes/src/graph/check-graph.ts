// The rules of a graph, held against every graph that comes in: an index out of range is memory of somebody else in a
// kernel, and an edge that stands twice is a wrong answer.

import { checkInteger, checkKind, checkOffsets, checkOneOf } from "@saccade/attention-core";
import { largestCount, largestWidth } from "../limits.ts";
import type { EdgeFeatures, Graph, NodeFeatures } from "./graph.ts";
import { neighborRows, type NeighborRows } from "./neighbor-rows.ts";

/**
 * Throws unless `graph` is one: `TypeError` for a field of the wrong kind; `RangeError` for nodes or columns out of range,
 * offsets that do not ascend from 0 or do not end at the number of entries, features that are not as many as nodes or
 * edges, numbers that are not finite, an edge that is there twice, or an undirected graph in rows whose edge lacks its
 * other direction. A graph may have no edges, nodes without any, loops, and no nodes.
 */
export function checkGraph(graph: Graph): void {
  checkedRows(graph);
}

/** The rows of `graph` without added loops, once it is checked; see `checkGraph`. */
export function checkedRows(graph: Graph): NeighborRows {
  checkKind("a graph", "it", graph, "object");
  checkInteger("a graph", "nodes", graph.nodes, 0, largestCount);
  checkOneOf("a graph", "direction", graph.direction, ["directed", "undirected"]);
  const edges = checkEdges(graph);
  checkNodeFeatures(graph.nodeFeatures, graph.nodes);
  if (graph.edgeFeatures !== undefined) checkEdgeFeatures(graph.edgeFeatures, edges);
  const rows = neighborRows(graph);
  checkOnce(rows);
  if (graph.direction === "undirected" && graph.edges.kind === "rows") checkSymmetric(rows, graph.edgeFeatures);
  return rows;
}

/** Throws unless the indices fit the nodes; returns how many edges are listed. */
function checkEdges({ edges, nodes }: Graph): number {
  checkKind("a graph", "edges", edges, "object");
  checkOneOf("a graph", "edges.kind", edges.kind, ["list", "rows"]);
  if (edges.kind === "list") {
    checkArray("edges.from", edges.from, Int32Array);
    checkArray("edges.to", edges.to, Int32Array);
    if (edges.from.length !== edges.to.length) {
      refuse(`edges.to must be as long as edges.from, ${edges.from.length}; it has ${edges.to.length}`);
    }
    checkBelow("edges.from", edges.from, "nodes", nodes);
    checkBelow("edges.to", edges.to, "nodes", nodes);
    return edges.from.length;
  }
  checkArray("edges.indices", edges.indices, Int32Array);
  checkRowOffsets("edges.offsets", edges.offsets, nodes, "edges.indices", edges.indices.length);
  checkBelow("edges.indices", edges.indices, "nodes", nodes);
  return edges.indices.length;
}

function checkNodeFeatures(features: NodeFeatures, nodes: number): void {
  checkKind("a graph", "nodeFeatures", features, "object");
  checkOneOf("a graph", "nodeFeatures.kind", features.kind, ["dense", "sparse"]);
  const { kind, width } = features;
  checkInteger("a graph", "nodeFeatures.width", width, 1, largestCount);
  if (kind === "dense") {
    checkTable("nodeFeatures.values", features.values, width, nodes, "nodes");
    return;
  }
  const { offsets, columns, values } = features;
  checkArray("nodeFeatures.columns", columns, Int32Array);
  checkRowOffsets("nodeFeatures.offsets", offsets, nodes, "nodeFeatures.columns", columns.length);
  checkBelow("nodeFeatures.columns", columns, "columns", width);
  if (values !== undefined) checkTable("nodeFeatures.values", values, 1, columns.length, "columns that are listed");
}

function checkEdgeFeatures(features: EdgeFeatures, edges: number): void {
  checkKind("a graph", "edgeFeatures", features, "object");
  checkInteger("a graph", "edgeFeatures.width", features.width, 1, largestWidth);
  checkTable("edgeFeatures.values", features.values, features.width, edges, "edges");
}

function checkRowOffsets(name: string, offsets: Int32Array, nodes: number, of: string, entries: number): void {
  checkArray(name, offsets, Int32Array);
  if (offsets.length !== nodes + 1) {
    refuse(`${name} must have one for each of ${nodes} nodes and an end, it has ${offsets.length}`);
  }
  checkOffsets("use a graph", name, offsets);
  if (offsets[nodes] !== entries)
    refuse(`${name} must end at the length of ${of}, ${entries}; it ends at ${offsets[nodes]}`);
}

function checkTable(name: string, values: Float32Array, width: number, count: number, of: string): void {
  checkArray(name, values, Float32Array);
  if (values.length !== width * count) {
    refuse(`${name} must be ${width} for each of ${count} ${of}, there are ${values.length}`);
  }
  for (let i = 0; i < values.length; i += 1) {
    // NaN and infinities are those numbers that differ from themselves after this.
    if (values[i]! - values[i]! !== 0) refuse(`${name} must be finite, value ${i} is ${values[i]}`);
  }
}

function checkBelow(name: string, indices: Int32Array, of: string, count: number): void {
  for (let i = 0; i < indices.length; i += 1) {
    const index = indices[i]!;
    if (index < 0 || index >= count) {
      refuse(`${name} must be from 0 to ${count - 1} for ${count} ${of}, entry ${i} is ${index}`);
    }
  }
}

function checkArray(name: string, value: unknown, kind: Int32ArrayConstructor | Float32ArrayConstructor): void {
  // By its tag, so that arrays of another realm pass.
  const actual = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (actual !== kind.name)
    throw new TypeError(`Cannot use a graph: ${name} must be a ${kind.name}, it is of type ${actual}`);
}

function checkOnce({ offsets, indices }: NeighborRows): void {
  const seen = new Int32Array(offsets.length - 1).fill(-1);
  for (let row = 0; row + 1 < offsets.length; row += 1) {
    for (let edge = offsets[row]!; edge < offsets[row + 1]!; edge += 1) {
      const index = indices[edge]!;
      if (seen[index] === row)
        refuse(`each edge must be there once, that from node ${index} to node ${row} is there twice`);
      seen[index] = row;
    }
  }
}

/** Rows are symmetric if they are the same, sorted, as those turned round: turning sorts, so turning twice gives them back sorted. */
function checkSymmetric(rows: NeighborRows, features: EdgeFeatures | undefined): void {
  const other = turnedRound(rows);
  const sorted = turnedRound(other);
  let row = 0;
  for (let edge = 0; edge < sorted.indices.length; edge += 1) {
    while (edge >= sorted.offsets[row + 1]!) row += 1;
    const index = sorted.indices[edge]!;
    if (edge >= other.offsets[row + 1]! || other.indices[edge] !== index) {
      refuse(
        `an undirected graph must have each edge in the rows of both ends, node ${row} and those that it attends to have not`,
      );
    }
    if (features !== undefined && !isSame(features, sorted.entries[edge]!, other.entries[edge]!)) {
      refuse(`an undirected edge must have the same features in both rows, that of nodes ${row} and ${index} has not`);
    }
  }
}

/** The same edges in rows of the nodes that are attended to, each row ascending. */
function turnedRound({ offsets, indices, entries }: NeighborRows): NeighborRows {
  const nodes = offsets.length - 1;
  const turned: NeighborRows = {
    offsets: new Int32Array(nodes + 1),
    indices: new Int32Array(indices.length),
    entries: new Int32Array(indices.length),
  };
  for (const index of indices) turned.offsets[index + 1]! += 1;
  for (let node = 0; node < nodes; node += 1) turned.offsets[node + 1]! += turned.offsets[node]!;
  const next = turned.offsets.slice(0, nodes);
  for (let row = 0; row < nodes; row += 1) {
    for (let edge = offsets[row]!; edge < offsets[row + 1]!; edge += 1) {
      const place = next[indices[edge]!]!;
      next[indices[edge]!] = place + 1;
      turned.indices[place] = row;
      turned.entries[place] = entries[edge]!;
    }
  }
  return turned;
}

function isSame({ width, values }: EdgeFeatures, a: number, b: number): boolean {
  for (let column = 0; column < width; column += 1) {
    if (values[a * width + column] !== values[b * width + column]) return false;
  }
  return true;
}

function refuse(rule: string): never {
  throw new RangeError(`Cannot use a graph: ${rule}`);
}
