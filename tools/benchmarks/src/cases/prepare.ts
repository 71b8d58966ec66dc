import type { Prepared } from "../contestant.ts";
import type { ArrayCase } from "../shapes.ts";
import { prepareAttention } from "./attention.ts";
import { prepareAttentionGradient } from "./attention-gradient.ts";
import { prepareClothing } from "./clothing.ts";
import { prepareEncoder } from "./encoder.ts";
import { prepareGemm } from "./gemm.ts";
import { prepareCitations, prepareMolecules } from "./graph-networks.ts";
import { prepareNeighbors } from "./neighbors.ts";
import { prepareRagged } from "./ragged.ts";
import { prepareSpeechFrames, prepareSpeechLabels } from "./speech-frames.ts";
import { prepareTraining } from "./training.ts";

/** Makes a case ready: its inputs drawn, its contestants not yet created. */
export async function prepareCase(benchmark: ArrayCase): Promise<Prepared> {
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
    case "speech-frames":
      return prepareSpeechFrames(benchmark);
    case "speech-labels":
      return prepareSpeechLabels(benchmark);
    case "molecules":
      return prepareMolecules(benchmark);
    case "citations":
      return prepareCitations(benchmark);
    case "clothing":
      return prepareClothing(benchmark);
  }
}
