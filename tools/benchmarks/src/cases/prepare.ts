import type { Prepared } from "../contestant.ts";
import type { ArrayCase } from "../shapes.ts";
import { prepareAttention } from "./attention.ts";
import { prepareAttentionGradient } from "./attention-gradient.ts";
import { prepareEncoder } from "./encoder.ts";
import { prepareGemm } from "./gemm.ts";
import { prepareNeighbors } from "./neighbors.ts";
import { prepareRagged } from "./ragged.ts";

/** Makes a case ready: its inputs drawn, its contestants not yet created. Training and plugins are loaded by the cases that need them. */
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
      return (await import("./training.ts")).prepareTraining(benchmark);
    case "speech-frames":
      return (await import("./speech-frames.ts")).prepareSpeechFrames(benchmark);
    case "speech-labels":
      return (await import("./speech-frames.ts")).prepareSpeechLabels(benchmark);
    case "molecules":
      return (await import("./graph-networks.ts")).prepareMolecules(benchmark);
    case "citations":
      return (await import("./graph-networks.ts")).prepareCitations(benchmark);
    case "clothing":
      return (await import("./clothing.ts")).prepareClothing(benchmark);
  }
}
