// Attention over the edges of a random graph. Memory is the limit: two gathered rows for an edge.
import type { AttentionOptions, Backend } from "@saccade/attention-core";
import type { Prepared } from "../contestant.ts";
import { sampleRows } from "../error.ts";
import { randomGraph } from "../graph/random-graph.ts";
import { expectedAttention } from "../oracle.ts";
import { ourAttention } from "../ours.ts";
import { randomNormals } from "../random.ts";
import type { BenchmarkCase } from "../shapes.ts";
import { attentionInputs } from "./attention.ts";

const heads = 8;
const headWidth = 8;
const bytesPerValue = 4;

/** 8 heads of 8; additive scores are those of GATv2. */
export function prepareNeighbors({ score, nodes, edges, threads }: BenchmarkCase & { kind: "neighbors" }): Prepared {
  const width = heads * headWidth;
  const graph = randomGraph(nodes, edges, 1);
  const inputs = attentionInputs(nodes, width);
  const vector = score === "additive" ? randomNormals(width, 4) : undefined;
  const offsets = Int32Array.of(0, nodes);
  const options = (backend: Backend): AttentionOptions =>
    vector
      ? {
          heads,
          score: {
            kind: "additive",
            vector: backend.upload(vector, [heads, headWidth]),
            activation: "leakyRelu",
            slope: 0.2,
          },
        }
      : { heads };
  return {
    work: {
      // A product and a sum per column for the score and for the value; the additive score also adds q and k.
      operations: edges * width * (vector ? 5 : 4),
      bytes: bytesPerValue * (edges * (2 * width + 1) + nodes * (2 * width + 1)),
      positions: nodes,
      edges,
    },
    tolerance: 2e-5,
    expected: async () =>
      expectedAttention(
        sampleRows(nodes, 200),
        width,
        inputs,
        (row) => graph.sources.subarray(graph.offsets[row], graph.offsets[row + 1]),
        options,
      ),
    ours: async () =>
      ourAttention(
        "saccade",
        threads,
        width,
        inputs,
        (backend) =>
          backend.plan(offsets, offsets, { kind: "neighbors", offsets: graph.offsets, indices: graph.sources }),
        options,
      ),
    peers: [
      {
        name: "jax-js gather and segment sums",
        create: async ({ jaxNeighbors }) => jaxNeighbors(graph, { heads, headWidth }, inputs, vector),
      },
      {
        name: "jax-js gather padded to the longest row",
        create: async ({ jaxPaddedNeighbors }) => jaxPaddedNeighbors(graph, { heads, headWidth }, inputs, vector),
      },
    ],
  };
}
