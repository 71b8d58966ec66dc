// The gradients of attention alone, of queries, keys and values, given that of its output.
import type { Prepared } from "../contestant.ts";
import { expectedGradients, ourAttentionGradient } from "../our-gradient.ts";
import { randomNormals } from "../random.ts";
import { attentionHeads, attentionHeadWidth, type BenchmarkCase } from "../shapes.ts";
import { attentionInputs } from "./attention.ts";

/** One set of `positions`, full attention; the rate counts four products of scores' size, not the scores made again. */
export function prepareAttentionGradient({
  positions,
  threads,
}: BenchmarkCase & { kind: "attention-gradient" }): Prepared {
  const sizes = { sets: 1, positions, heads: attentionHeads, headWidth: attentionHeadWidth };
  const width = attentionHeads * attentionHeadWidth;
  const inputs = attentionInputs(positions, width);
  const outputGradient = randomNormals(positions * width, 5);
  return {
    work: { operations: 8 * positions * positions * width, positions },
    tolerance: 1e-4,
    expected: async () => expectedGradients(sizes, inputs, outputGradient),
    ours: async () => ourAttentionGradient(threads, sizes, inputs, outputGradient),
    peers: [
      {
        name: "jax-js vjp",
        create: async ({ jaxAttentionGradient }) => jaxAttentionGradient(sizes, inputs, outputGradient),
      },
    ],
  };
}
