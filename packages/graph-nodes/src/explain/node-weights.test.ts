import { expect, it } from "vitest";
import { nodeWeights } from "../index.ts";

/** Node 0 attends to 1 and itself, node 1 to itself. */
const edges = { from: Int32Array.of(1, 0, 1), to: Int32Array.of(0, 0, 1) };

it("nodeWeights() goes back through the layers, half of each share staying where it is", () => {
  const layer = { layer: 0, queries: 2, keys: 2, edges: Float32Array.of(1, 0.5, 0, 0.5, 1, 1) };
  // Heads' means: 0.75 to node 1, 0.25 to node 0.
  expect([...nodeWeights(2, edges, { layers: [layer] })]).toEqual([0.25 + 0.0625, 0.25 + 0.1875 + 0.25]);
});

it("nodeWeights() begins with what the readout attends to", () => {
  const readout = { layer: 0, queries: 1, keys: 2, columnSums: Float32Array.of(0.1, 0.3, 0.4, 0.2) };
  const shares = nodeWeights(2, edges, { layers: [readout] });
  expect(shares[0]).toBeCloseTo(0.4, 6);
  expect(shares[1]).toBeCloseTo(0.6, 6);
});

it("nodeWeights() refuses maps of other edges", () => {
  const layer = { layer: 3, queries: 2, keys: 2, edges: new Float32Array(4) };
  expect(() => nodeWeights(2, edges, { layers: [layer] })).toThrow(
    "Cannot weigh nodes: maps must have weights for each of 3 edges, layer 3 has 4",
  );
});
