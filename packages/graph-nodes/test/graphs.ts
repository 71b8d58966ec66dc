// Graphs, networks and how to run them, for tests.

import { initialWeights, uploadWeights, type Weights } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import fc from "fast-check";
import { type Graph, graphFeatures, type GraphLayer, graphNetwork, type GraphNetworkConfig } from "../src/index.ts";

/** A graph whose edges are pairs [from, to], its features drawn from a seed. */
export function graphOf(
  nodes: number,
  edges: readonly (readonly [number, number])[],
  options: { readonly direction?: Graph["direction"]; readonly features?: number; readonly seed?: number } = {},
): Graph {
  const { direction = "directed", features = 3, seed = 1 } = options;
  return {
    nodes,
    direction,
    edges: { kind: "list", from: Int32Array.from(edges, ([from]) => from), to: Int32Array.from(edges, ([, to]) => to) },
    nodeFeatures: { kind: "dense", width: features, values: numbers(nodes * features, seed) },
    edgeFeatures: { width: 2, values: numbers(edges.length * 2, seed + 1) },
  };
}

/** Graphs of up to 6 nodes, with isolated ones and loops among them. */
export const graphs: fc.Arbitrary<Graph> = fc
  .record({
    nodes: fc.integer({ min: 0, max: 6 }),
    direction: fc.constantFrom("directed" as const, "undirected" as const),
    seed: fc.nat(1000),
  })
  .chain(({ nodes, direction, seed }) =>
    fc
      .uniqueArray(fc.tuple(fc.nat(Math.max(0, nodes - 1)), fc.nat(Math.max(0, nodes - 1))), {
        maxLength: nodes * 2,
        selector: ([a, b]) => (direction === "directed" ? `${a} ${b}` : [a, b].sort((x, y) => x - y).join(" ")),
      })
      .map((edges) => graphOf(nodes, nodes === 0 ? [] : edges, { direction, seed })),
  );

/** A network of these layers over the features of `graphOf`. */
export function networkOf(layers: readonly GraphLayer[], rest: Partial<GraphNetworkConfig> = {}): GraphNetworkConfig {
  return {
    input: { kind: "dense", columns: 3, width: 4, bias: true },
    selfLoops: true,
    layers,
    head: { kind: "position-labels", labels: 2 },
    ...rest,
  };
}

/** Weights of a network, none of them zero. */
export function drawnWeights(config: GraphNetworkConfig, seed = 1): Weights {
  const drawn = initialWeights(graphNetwork(config).describeWeights(), seed);
  return new Map(
    [...drawn].map(([name, { shape, values }], n) => [
      name,
      name.endsWith("gain") || name.endsWith("bias")
        ? { shape, values: numbers(values.length, n + seed) }
        : { shape, values },
    ]),
  );
}

/** Scores of a batch on the reference backend, and the weights of edges by layer. */
export async function runGraphs(
  config: GraphNetworkConfig,
  weights: Weights,
  batch: readonly Graph[],
): Promise<{ scores: Float32Array; edges: Float32Array[] }> {
  await using backend = createReferenceBackend();
  const uploaded = uploadWeights(backend, weights);
  using workspace = backend.workspace();
  const features = graphFeatures(config, batch);
  const run = graphNetwork(config).bind(uploaded.find);
  const result = await run(backend, workspace, features, { maps: { edges: true } });
  return {
    scores: await workspace.read(result.scores),
    edges: await Promise.all(result.maps.flatMap(({ edges }) => (edges ? [workspace.read(edges)] : []))),
  };
}

/** Numbers in -1 .. 1 that look random and are the same in every run. */
export function numbers(size: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 12345;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}
