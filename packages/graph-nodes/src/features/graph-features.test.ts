import { describe, expect, it } from "vitest";
import { graphOf } from "../../test/graphs.ts";
import { type Graph, type GraphFeatureConfig, graphFeatures } from "../index.ts";
import { flattenSparse, readSparseRows } from "./sparse-rows.ts";

const sparse = (values?: Float32Array): Graph => ({
  ...graphOf(3, [[0, 1]]),
  nodeFeatures: {
    kind: "sparse",
    width: 5,
    offsets: Int32Array.of(0, 2, 2, 3),
    columns: Int32Array.of(4, 0, 3),
    ...(values && { values }),
  },
});
const input = { kind: "sparse", columns: 5, width: 2 } as const;

describe("graphFeatures()", () => {
  it("lays out graphs one after another", () => {
    const config: GraphFeatureConfig = { input, edges: { width: 2, use: "bias" }, selfLoops: true };
    const features = graphFeatures(config, [sparse(), { ...sparse(), direction: "undirected" }]);
    expect([...features.offsets]).toEqual([0, 3, 6]);
    expect([...features.values]).toEqual([2, 4, 0, 0, 1, 3, 2, 4, 0, 0, 1, 3]);
    expect([...features.pattern.offsets]).toEqual([0, 1, 3, 4, 6, 8, 9]);
    expect([...features.pattern.indices]).toEqual([0, 0, 1, 2, 1, 0, 0, 1, 2]);
    const [a, b] = sparse().edgeFeatures!.values;
    expect([...features.edges!]).toEqual([0, 0, a, b, 0, 0, 0, 0, a, b, 0, 0, a, b, 0, 0, 0, 0]);
  });

  it.each<[string, GraphFeatureConfig, Graph]>([
    [
      "nodeFeatures must be sparse of 6 columns for this network, they are sparse of 5",
      { input: { ...input, columns: 6 }, selfLoops: false },
      sparse(),
    ],
    [
      "nodeFeatures must be dense of 5 columns for this network, they are sparse of 5",
      { input: { ...input, kind: "dense" }, selfLoops: false },
      sparse(),
    ],
    [
      "nodeFeatures must have no values for this network, whose features are there or not; they have some",
      { input, selfLoops: false },
      sparse(Float32Array.of(1, 2, 3)),
    ],
    [
      "edgeFeatures must be 3 for each edge for this network, they are 2",
      { input, edges: { width: 3, use: "keys" }, selfLoops: false },
      sparse(),
    ],
  ])("refuses a graph that the network does not read: %s", (message, config, graph) => {
    expect(() => graphFeatures(config, [graph])).toThrow(`Cannot use a graph: ${message}`);
  });
});

describe("readSparseRows()", () => {
  it("reads what flattenSparse() wrote", () => {
    const { nodeFeatures } = sparse(Float32Array.of(0.5, -2, 3));
    if (nodeFeatures.kind !== "sparse") throw new TypeError("Cannot test");
    for (const kind of ["sparse", "weighted-sparse"] as const) {
      const flat = flattenSparse(nodeFeatures, kind === "weighted-sparse");
      const rows = readSparseRows({ kind, columns: 5 }, flat);
      expect(rows.offsets).toEqual(nodeFeatures.offsets);
      expect(rows.ids).toEqual(nodeFeatures.columns);
      expect(rows.weights).toEqual(kind === "sparse" ? null : nodeFeatures.values);
    }
  });

  it.each([
    ["the number of features of node 0 must be an integer whose features follow, it is 2", [2, 1]],
    ["the number of features of node 1 must be an integer whose features follow, it is -1", [0, -1]],
    ["a column must be an integer from 0 to 4, it is 5", [1, 5]],
  ])("refuses: %s", (message, flat) => {
    expect(() => readSparseRows({ kind: "sparse", columns: 5 }, Int32Array.from(flat))).toThrow(
      `Cannot use features: ${message}`,
    );
  });
});
