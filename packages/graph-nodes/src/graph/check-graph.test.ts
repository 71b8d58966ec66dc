import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphOf, graphs } from "../../test/graphs.ts";
import { checkGraph, type Graph } from "../index.ts";

const graph = graphOf(3, [
  [0, 1],
  [2, 1],
]);
const i32 = (...values: number[]): Int32Array => Int32Array.from(values);
const f32 = (...values: number[]): Float32Array => Float32Array.from(values);
const rows = (offsets: Int32Array, indices: Int32Array): Graph => ({
  nodes: 3,
  direction: "directed",
  edges: { kind: "rows", offsets, indices },
  nodeFeatures: { kind: "sparse", width: 4, offsets: i32(0, 1, 1, 2), columns: i32(3, 0) },
});

describe("checkGraph()", () => {
  it("takes graphs with loops, without edges, without nodes, and with nodes that stand alone", () => {
    fc.assert(
      fc.property(graphs, (each) => {
        expect(isChecked(each)).toBe(true);
      }),
    );
    expect(isChecked(rows(i32(0, 0, 0, 0), i32()))).toBe(true);
    expect(isChecked(rows(i32(0, 1, 1, 3), i32(0, 1, 2)))).toBe(true);
  });

  it.each<[string, unknown]>([
    ["it must be a object, it is of type null", null],
    ["nodes must be an integer from 0 to 16777216, it is -1", { ...graph, nodes: -1 }],
    ["nodes must be an integer from 0 to 16777216, it is 1000000000", { ...graph, nodes: 1e9 }],
    ["nodes must be an integer from 0 to 16777216, it is NaN", { ...graph, nodes: NaN }],
    ['direction must be one of directed, undirected, it is "both"', { ...graph, direction: "both" }],
    ["direction must be a string, it is of type undefined", { ...graph, direction: undefined }],
    ["edges must be a object, it is of type undefined", { ...graph, edges: undefined }],
    ['edges.kind must be one of list, rows, it is "coo"', { ...graph, edges: { kind: "coo" } }],
    ["edges.from must be a Int32Array, it is of type Array", { ...graph, edges: { kind: "list", from: [0], to: [1] } }],
    [
      "edges.from must be a Int32Array, it is of type BigInt64Array",
      { ...graph, edges: { kind: "list", from: new BigInt64Array(1), to: i32(1) } },
    ],
    [
      "edges.to must be as long as edges.from, 2; it has 1",
      { ...graph, edges: { kind: "list", from: i32(0, 1), to: i32(1) } },
    ],
    [
      "edges.to must be from 0 to 2 for 3 nodes, entry 1 is 3",
      { ...graph, edges: { kind: "list", from: i32(0, 1), to: i32(1, 3) } },
    ],
    [
      "edges.from must be from 0 to 2 for 3 nodes, entry 0 is -1",
      { ...graph, edges: { kind: "list", from: i32(-1, 1), to: i32(1, 2) } },
    ],
    [
      "each edge must be there once, that from node 0 to node 1 is there twice",
      { ...graph, edges: { kind: "list", from: i32(0, 0), to: i32(1, 1) } },
    ],
    [
      "each edge must be there once, that from node 1 to node 0 is there twice",
      { ...graph, direction: "undirected", edges: { kind: "list", from: i32(0, 1), to: i32(1, 0) } },
    ],
    ["edges.offsets must have one for each of 3 nodes and an end, it has 3", rows(i32(0, 0, 1), i32(0))],
    ["edges.offsets must start with 0, it starts with 1", rows(i32(1, 1, 1, 1), i32(0))],
    ["edges.offsets must not decrease, entry 2 is 1 after 2", rows(i32(0, 2, 1, 2), i32(0, 1))],
    ["edges.offsets must end at the length of edges.indices, 3; it ends at 2", rows(i32(0, 1, 2, 2), i32(0, 1, 2))],
    ["edges.indices must be from 0 to 2 for 3 nodes, entry 0 is 7", rows(i32(0, 1, 1, 1), i32(7))],
    [
      "an undirected graph must have each edge in the rows of both ends, node 0 and those that it attends to have not",
      { ...rows(i32(0, 1, 1, 1), i32(2)), direction: "undirected" },
    ],
    [
      "an undirected graph must have each edge in the rows of both ends, node 0 and those that it attends to have not",
      { ...rows(i32(0, 1, 2, 3), i32(1, 2, 0)), direction: "undirected" },
    ],
    ["nodeFeatures must be a object, it is of type undefined", { ...graph, nodeFeatures: undefined }],
    [
      "nodeFeatures.values must be 3 for each of 3 nodes, there are 6",
      { ...graph, nodeFeatures: { kind: "dense", width: 3, values: new Float32Array(6) } },
    ],
    [
      "nodeFeatures.values must be a Float32Array, it is of type Float64Array",
      { ...graph, nodeFeatures: { kind: "dense", width: 1, values: new Float64Array(3) } },
    ],
    [
      "nodeFeatures.values must be finite, value 1 is NaN",
      { ...graph, nodeFeatures: { kind: "dense", width: 1, values: f32(0, NaN, 0) } },
    ],
    [
      "nodeFeatures.values must be finite, value 2 is -Infinity",
      { ...graph, nodeFeatures: { kind: "dense", width: 1, values: f32(0, 0, -Infinity) } },
    ],
    [
      "nodeFeatures.columns must be from 0 to 1 for 2 columns, entry 0 is 2",
      { ...graph, nodeFeatures: { kind: "sparse", width: 2, offsets: i32(0, 1, 1, 1), columns: i32(2) } },
    ],
    [
      "nodeFeatures.offsets must end at the length of nodeFeatures.columns, 1; it ends at 2",
      { ...graph, nodeFeatures: { kind: "sparse", width: 2, offsets: i32(0, 1, 1, 2), columns: i32(1) } },
    ],
    [
      "nodeFeatures.values must be 1 for each of 1 columns that are listed, there are 2",
      {
        ...graph,
        nodeFeatures: { kind: "sparse", width: 2, offsets: i32(0, 1, 1, 1), columns: i32(1), values: f32(1, 2) },
      },
    ],
    [
      "edgeFeatures.width must be an integer from 1 to 65536, it is 0",
      { ...graph, edgeFeatures: { width: 0, values: f32() } },
    ],
    [
      "edgeFeatures.values must be 2 for each of 2 edges, there are 5",
      { ...graph, edgeFeatures: { width: 2, values: new Float32Array(5) } },
    ],
    [
      "an undirected edge must have the same features in both rows, that of nodes 0 and 2 has not",
      { ...rows(i32(0, 1, 1, 2), i32(2, 0)), direction: "undirected", edgeFeatures: { width: 1, values: f32(1, 2) } },
    ],
  ])("refuses: %s", (message, value) => {
    expect(() => checkGraph(value as Graph)).toThrow(`Cannot use a graph: ${message}`);
  });

  it("takes an undirected graph in rows of any order", () => {
    expect(isChecked({ ...rows(i32(0, 2, 3, 5), i32(2, 0, 2, 1, 0)), direction: "undirected" })).toBe(true);
  });

  it("refuses every graph that one changed index makes wrong, or takes it for another", () => {
    fc.assert(
      fc.property(graphs, fc.nat(), fc.integer({ min: -3, max: 9 }), (each, at, index) => {
        if (each.edges.kind !== "list" || each.edges.from.length === 0) return;
        const from = each.edges.from.slice();
        from[at % from.length] = index;
        const changed: Graph = { ...each, edges: { kind: "list", from, to: each.edges.to } };
        expect(isChecked(changed)).toBe(index >= 0 && index < each.nodes && !hasTwice(changed));
      }),
    );
  });
});

function isChecked(each: Graph): boolean {
  try {
    checkGraph(each);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function hasTwice({ edges, direction }: Graph): boolean {
  if (edges.kind !== "list") return false;
  const names = Array.from(edges.from, (from, e) => {
    const pair = [from, edges.to[e]!];
    return (direction === "undirected" ? pair.sort((a, b) => a - b) : pair).join(" ");
  });
  return new Set(names).size < names.length;
}
