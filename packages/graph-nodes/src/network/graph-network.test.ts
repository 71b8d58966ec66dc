import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawnWeights, graphOf, graphs, networkOf, numbers, runGraphs } from "../../test/graphs.ts";
import { plainNetwork } from "../../test/plain-network.ts";
import type { Graph, GraphEdgeInput, GraphLayer, GraphNetworkConfig } from "../index.ts";

const kinds = ["gat", "gatv2", "transformer"] as const;
const uses = [undefined, "bias", "keys", "keys-values"] as const;
const size = { heads: 2, headWidth: 3 } as const;

/** The largest difference between the network and plain loops, in scores and weights of edges. */
async function differenceFromPlain(config: GraphNetworkConfig, of: Graph): Promise<number> {
  const weights = drawnWeights(config);
  const { scores, edges } = await runGraphs(config, weights, [of]);
  const plain = plainNetwork(config, weights, of);
  const pairs = [[scores, plain.scores] as const, ...edges.map((each, n) => [each, plain.edges[n]!] as const)];
  return Math.max(
    ...pairs.flatMap(([actual, expected]) => {
      const flat = expected.flat();
      return actual.length === flat.length ? flat.map((value, i) => Math.abs(value - actual[i]!)) : [Infinity];
    }),
  );
}

/** Float32 against float64. */
const tolerance = 1e-5;

function edgesOf(use: GraphEdgeInput["use"] | undefined): Partial<GraphNetworkConfig> {
  return use === undefined ? {} : { edges: { width: 2, use } };
}

/** A node that nobody attends to, one without neighbours, a loop. */
const graph = graphOf(5, [
  [0, 1],
  [2, 1],
  [1, 2],
  [3, 2],
  [2, 2],
]);

describe("graphNetwork() agrees with plain loops", () => {
  for (const kind of kinds) {
    for (const use of uses) {
      it(`${kind}, features of edges: ${use ?? "none"}`, async () => {
        const config = networkOf(
          [
            { kind, ...size },
            { kind, ...size, combine: "mean" },
          ],
          edgesOf(use),
        );
        expect(await differenceFromPlain(config, graph)).toBeLessThan(tolerance);
      });
    }
    it(`${kind} with everything around it`, async () => {
      const layer: GraphLayer = {
        kind,
        ...size,
        residual: true,
        norm: "layer",
        activation: "silu",
        feedForward: { width: 5, activation: "relu" },
      };
      expect(await differenceFromPlain(networkOf([layer, { ...layer, norm: "rms" }]), graph)).toBeLessThan(tolerance);
    });
    it(`${kind} with diffusion`, async () => {
      const layer: GraphLayer = { kind, ...size, diffusion: { steps: 3, teleport: 0.15 } };
      for (const use of uses)
        expect(await differenceFromPlain(networkOf([layer], edgesOf(use)), graph)).toBeLessThan(tolerance);
    });
  }

  it("the network of Veličković et al.: mapped by the input, its last rows being scores", async () => {
    const config = networkOf(
      [
        { kind: "gat", heads: 2, headWidth: 2, map: false, activation: "tanh" },
        { kind: "gat", heads: 1, headWidth: 3 },
      ],
      { input: { kind: "dense", columns: 3, width: 4 }, head: { kind: "position-labels", labels: 3, map: false } },
    );
    expect(await differenceFromPlain(config, graph)).toBeLessThan(tolerance);
  });

  it("a number per graph, by several readouts and a hidden map", async () => {
    const head: GraphNetworkConfig["head"] = {
      kind: "set-label",
      labels: 1,
      readout: [{ kind: "mean" }, { kind: "sum" }, { kind: "max" }],
      hidden: { width: 4, activation: "relu" },
    };
    expect(await differenceFromPlain(networkOf([{ kind: "gatv2", ...size }], { head }), graph)).toBeLessThan(tolerance);
  });

  for (const [name, scaling, weighted] of [
    ["sparse features", "sum", false],
    ["sparse features, row-normalised", "mean", false],
    ["sparse features with values", "mean", true],
  ] as const) {
    it(`${name}`, async () => {
      const sparse: Graph = {
        ...graph,
        nodeFeatures: {
          kind: "sparse",
          width: 7,
          offsets: Int32Array.of(0, 2, 3, 4, 6, 7),
          columns: Int32Array.of(0, 6, 3, 3, 1, 2, 5),
          ...(weighted && { values: numbers(7, 3) }),
        },
      };
      const kind = weighted ? "weighted-sparse" : "sparse";
      const input = { kind, columns: 7, width: 4, scaling, bias: true, activation: "relu" } as const;
      expect(await differenceFromPlain(networkOf([{ kind: "gat", ...size }], { input }), sparse)).toBeLessThan(
        tolerance,
      );
    });
  }
});

describe("graphNetwork()", () => {
  const config = networkOf(
    [
      { kind: "gat", ...size, activation: "relu" },
      { kind: "transformer", ...size, residual: true },
    ],
    { edges: { width: 2, use: "keys" } },
  );
  const weights = drawnWeights(config);

  it("gives each graph of a batch what it gives the graph alone, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(graphs, { minLength: 1, maxLength: 4 }), async (batch) => {
        const together = await runGraphs(config, weights, batch);
        const alone = await Promise.all(batch.map(async (each) => runGraphs(config, weights, [each])));
        expect([...together.scores]).toEqual(alone.flatMap(({ scores }) => [...scores]));
        expect([...together.edges[0]!]).toEqual(alone.flatMap(({ edges }) => [...edges[0]!]));
      }),
      { numRuns: 40 },
    );
  });

  it("permutes its scores when nodes are permuted", async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs.chain((each) =>
          fc
            .shuffledSubarray(
              Array.from({ length: each.nodes }, (_, i) => i),
              { minLength: each.nodes },
            )
            .map((order) => ({ each, order })),
        ),
        async ({ each, order }) => {
          const { scores } = await runGraphs(config, weights, [each]);
          const permuted = await runGraphs(config, weights, [permute(each, order)]);
          order.forEach((to, from) => {
            for (const label of [0, 1]) {
              expect(permuted.scores[to * 2 + label]).toBeCloseTo(scores[from * 2 + label]!, 5);
            }
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("gives a node without neighbours and loops the bias alone", async () => {
    const alone = networkOf([{ kind: "gat", heads: 1, headWidth: 2 }], {
      selfLoops: false,
      head: { kind: "position-labels", labels: 2, map: false },
    });
    const drawn = drawnWeights(alone);
    const { scores } = await runGraphs(alone, drawn, [graphOf(2, [[0, 1]])]);
    expect([...scores.subarray(0, 2)]).toEqual([...drawn.get("layers.0.bias")!.values]);
  });

  it("reads an undirected list as rows that hold both directions", async () => {
    const list = graphOf(3, [[0, 1], [2, 1]], { direction: "undirected" }); // prettier-ignore
    const { edgeFeatures: features, ...rest } = list;
    const both: Graph = {
      ...rest,
      edges: { kind: "rows", offsets: Int32Array.of(0, 1, 3, 4), indices: Int32Array.of(1, 0, 2, 1) },
      edgeFeatures: {
        width: 2,
        values: Float32Array.from([0, 0, 1, 1].flatMap((e) => [...features!.values.subarray(e * 2, e * 2 + 2)])),
      },
    };
    expect(await runGraphs(config, weights, [list])).toEqual(await runGraphs(config, weights, [both]));
  });
});

/** The graph whose node `order[i]` is node i of `graph`. */
function permute(each: Graph, order: readonly number[]): Graph {
  if (each.edges.kind !== "list" || each.nodeFeatures.kind !== "dense") throw new TypeError("Only lists, dense");
  const { width, values } = each.nodeFeatures;
  const moved = new Float32Array(values.length);
  order.forEach((to, from) => moved.set(values.subarray(from * width, (from + 1) * width), to * width));
  return {
    ...each,
    edges: {
      kind: "list",
      from: each.edges.from.map((node) => order[node]!),
      to: each.edges.to.map((node) => order[node]!),
    },
    nodeFeatures: { kind: "dense", width, values: moved },
  };
}
