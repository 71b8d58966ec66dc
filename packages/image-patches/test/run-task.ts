// A task over a small model with drawn weights, through the pipeline on the reference backend.

import { describeModelWeights, initialWeights, type ModelConfig } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createPipeline, type LabelHead, type Modality, type Pipeline } from "@saccade/pipeline";
import type { ImageModelConfig } from "../src/index.ts";

/** A model of images of 8 x 8 pixels, which sees patches of 2 x 2 as 4 x 4 positions, or 2 x 2 after a second stage. */
export function smallModel(
  head: "set-label" | "position-labels",
  changes: Partial<ImageModelConfig> = {},
): ImageModelConfig {
  return {
    model: {
      input: { kind: "convolutions", width: 1, stages: [{ taps: 4, width: 8 }] },
      encoder: {
        layers: 2,
        width: 8,
        heads: 2,
        feedForwardWidth: 8,
        activation: "gelu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: { kind: "learned", count: 17 },
      },
      head:
        head === "set-label"
          ? { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 2 } }
          : { kind: "position-labels", labels: 3 },
    },
    labels: ["nothing", "coat", "bag"],
    ...(head === "position-labels" && { empty: "nothing" }),
    image: { rows: 8, columns: 8, channels: 1, mean: [0.5], scale: [0.25], background: [0, 0, 0] },
    stem: [{ size: [2, 2], stride: [2, 2] }],
    grid: [4, 4],
    pattern: { kind: "full" },
    ...changes,
  };
}

/** Opens a task with drawn weights. */
export async function openTask<Input, Output, H extends LabelHead, Settings extends object>(
  task: Modality<Input, Output, H, Settings>,
  config: ImageModelConfig,
  settings: Partial<Settings> = {},
): Promise<Pipeline<Input, Output>> {
  const model = {
    name: "small",
    config,
    weights: async () => drawWeights(config.model),
    text: async () => "",
    bytes: async () => new Uint8Array(),
  };
  return createPipeline(task, { model, settings, backends: [async () => createReferenceBackend()] });
}

/** Weights that make something of everything: tables and biases of zeros would not. */
function drawWeights(config: ModelConfig): ReturnType<typeof initialWeights> {
  const specs = describeModelWeights(config);
  const drawn = initialWeights(specs, 5);
  for (const { name, role } of specs) {
    if (role !== "embedding" && role !== "table" && role !== "bias") continue;
    drawn.get(name)!.values.forEach((_, i, all) => (all[i] = Math.sin(7 * i + 1)));
  }
  return drawn;
}
