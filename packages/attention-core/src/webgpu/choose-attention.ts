// Which kernel computes a call of attention.

import type { ScoreForm } from "./kernels/score.wgsl.ts";

/** By tiles of queries and keys, by lists of neighbours, or row by row. */
export type AttentionKernel = "tiles" | "neighbors" | "rows";

/**
 * Chooses by what a program is made for, never by the sizes of a batch, on which bits must not depend: edges go by
 * neighbours; dot scores under a softmax by tiles, with any bias and softcap; what is left, additive scores and the other
 * normalizers over ranges and segments, row by row.
 */
export function chooseAttention({ plan, score, normalizer }: ScoreForm): AttentionKernel {
  if (plan === "edges") return "neighbors";
  return score === "dot" && normalizer === "softmax" ? "tiles" : "rows";
}
