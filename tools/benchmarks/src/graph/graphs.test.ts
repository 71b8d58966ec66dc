import { checkGraph } from "@saccade/graph-nodes";
import { moleculeGraph } from "@saccade/graph-nodes/molecules";
import { describe, expect, it } from "vitest";
import { citationGraph } from "./citation-graph.ts";
import { moleculesOfBatch } from "./molecules.ts";

describe("citationGraph()", () => {
  it("is a graph of Cora's size, with hubs", () => {
    const graph = citationGraph(1433);
    expect(() => checkGraph(graph)).not.toThrow();
    expect(graph.nodes).toBe(2708);
    const { from, to } = graph.edges as Extract<typeof graph.edges, { kind: "list" }>;
    expect(from).toHaveLength(5278);
    const degrees = new Int32Array(graph.nodes);
    for (const node of [...from, ...to]) degrees[node]! += 1;
    expect(Math.min(...degrees)).toBeGreaterThan(0);
    expect(Math.max(...degrees)).toBeGreaterThan(40);
  });
});

describe("moleculesOfBatch()", () => {
  it("names molecules that can be read, over and over", () => {
    const smiles = moleculesOfBatch(30);
    expect(smiles).toHaveLength(30);
    expect(smiles[29]).toBe(smiles[5]);
    for (const one of smiles) expect(moleculeGraph(one).graph.nodes).toBeGreaterThan(2);
  });
});
