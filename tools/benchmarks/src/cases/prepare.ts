import type { Prepared } from "../contestant.ts";
import type { ArrayCase } from "../shapes.ts";
import { prepareAttention } from "./attention.ts";
import { prepareAttentionGradient } from "./attention-gradient.ts";
import { prepareEncoder } from "./encoder.ts";
import { prepareGemm } from "./gemm.ts";
import { prepareNeighbors } from "./neighbors.ts";
import { prepareRagged } from "./ragged.ts";
import { prepareTraining } from "./training.ts";

/** Makes a case ready: its inputs drawn, its contestants not yet created. */
export function prepareCase(benchmark: ArrayCase): Prepared {
  switch (benchmark.kind) {
    case "gemm":
      return prepareGemm(benchmark);
    case "attention":
      return prepareAttention(benchmark);
    case "ragged":
      return prepareRagged(benchmark);
    case "neighbors":
      return prepareNeighbors(benchmark);
    case "encoder":
      return prepareEncoder(benchmark);
    case "attention-gradient":
      return prepareAttentionGradient(benchmark);
    case "training":
      return prepareTraining(benchmark);
  }
}
