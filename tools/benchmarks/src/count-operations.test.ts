import { convolutionWindows, type ModelConfig } from "@saccade/attention-core";
import { graphFeatures, type GraphNetworkConfig } from "@saccade/graph-nodes";
import { describe, expect, it } from "vitest";
import { graphOperations, modelOperations } from "./count-operations.ts";

describe("modelOperations()", () => {
  it("counts products and sums of stem, layers, permitted pairs and head", () => {
    const config: ModelConfig = {
      input: { kind: "convolutions", width: 2, stages: [{ taps: 3, width: 4 }] },
      encoder: {
        layers: 1,
        width: 4,
        heads: 2,
        feedForwardWidth: 8,
        activation: "relu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: { kind: "none" },
        convolution: { left: 1, right: 1, activation: "relu" },
      },
      head: { kind: "position-labels", labels: 3 },
    };
    const { windows, offsets } = convolutionWindows(Int32Array.of(0, 5), { size: 3, left: 1, right: 1 });
    const features = {
      offsets,
      values: new Float32Array(10),
      convolutions: [windows],
      pattern: { kind: "window", left: 1, right: 0 },
    } as const;
    const stem = 5 * 2 * (3 * 2 * 4);
    const layer = 5 * 2 * (4 * 16 + 3 * 16 + 2 * 4 * 8);
    const pairs = 9 * 4 * 4;
    expect(modelOperations(config, features)).toBe(stem + layer + pairs + 5 * 2 * (4 * 3));
  });
});

describe("graphOperations()", () => {
  it("counts maps of nodes and what each edge needs", () => {
    const config: GraphNetworkConfig = {
      input: { kind: "dense", columns: 3, width: 4 },
      edges: { width: 2, use: "bias" },
      selfLoops: false,
      layers: [{ kind: "transformer", heads: 2, headWidth: 2 }],
      head: { kind: "position-labels", labels: 5 },
    };
    const features = graphFeatures(config, [
      {
        nodes: 2,
        direction: "undirected",
        edges: { kind: "list", from: Int32Array.of(0), to: Int32Array.of(1) },
        nodeFeatures: { kind: "dense", width: 3, values: new Float32Array(6) },
        edgeFeatures: { width: 2, values: new Float32Array(2) },
      },
    ]);
    const nodes = 2 * 2 * (3 * 4 + 3 * 16 + 4 * 5);
    const edges = 2 * (4 * 4 + 2 * 2 * 2);
    expect(graphOperations(config, features)).toBe(nodes + edges);
  });
});
