import { describe, expect, it } from "vitest";
import { graphOf } from "../../test/graphs.ts";
import { attendingNodes, graphFeatures, neighborRows } from "../index.ts";

const edges = [
  [0, 1],
  [2, 1],
  [2, 2],
] as const;

describe("neighborRows()", () => {
  it("has for each node those whose edges lead to it, in the order of the list", () => {
    const rows = neighborRows(graphOf(3, edges));
    expect([...rows.offsets]).toEqual([0, 0, 2, 3]);
    expect([...rows.indices]).toEqual([0, 2, 2]);
    expect([...rows.entries]).toEqual([0, 1, 2]);
    expect([...attendingNodes(rows)]).toEqual([1, 1, 2]);
  });

  it("counts an undirected edge for both ends, and a loop once", () => {
    const rows = neighborRows(graphOf(3, edges, { direction: "undirected" }));
    expect([...rows.offsets]).toEqual([0, 1, 3, 5]);
    expect([...rows.indices]).toEqual([1, 0, 2, 1, 2]);
    expect([...rows.entries]).toEqual([0, 0, 1, 1, 2]);
  });

  it("adds loops after the neighbours of nodes that have none", () => {
    const rows = neighborRows(graphOf(3, edges), { selfLoops: true });
    expect([...rows.offsets]).toEqual([0, 1, 4, 5]);
    expect([...rows.indices]).toEqual([0, 0, 2, 1, 2]);
    expect([...rows.entries]).toEqual([-1, 0, 1, -1, 2]);
  });

  it("takes a node with a million neighbours", () => {
    const hub = 1_000_000;
    const graph = graphOf(
      hub + 1,
      Array.from({ length: hub }, (_, node) => [node + 1, 0] as const),
      { features: 1 },
    );
    const { pattern } = graphFeatures({ input: { kind: "dense", columns: 1, width: 1 }, selfLoops: true }, [graph]);
    expect(pattern.offsets[1]).toBe(hub + 1);
    expect(pattern.indices.length).toBe(2 * hub + 1);
  });
});
