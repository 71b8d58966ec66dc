// A task over a small model with drawn weights, through the pipeline on the reference backend.

import { describeModelWeights, initialWeights, type ModelConfig } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createPipeline, type LabelHead, type Modality } from "@saccade/pipeline";
import { featureLayout, type TextModelConfig, type WordFeatureConfig } from "../src/index.ts";

const features: WordFeatureConfig = [
  { kind: "word", form: "lower", vocabulary: ["saw", "the"], hashRows: 61 },
  { kind: "suffix", form: "lower", length: 2, rows: 30 },
  { kind: "flags", flags: ["first", "upper"] },
];

/** A model that looks two words to either side in each of its two layers, so that it reaches four words. */
export function smallModel(
  head: ModelConfig["head"],
  labels: readonly string[],
  sentences: "split" | "one" = "split",
): TextModelConfig {
  const { rows, columns } = featureLayout(features);
  return {
    model: {
      input: { kind: "embeddings", rows, columns },
      encoder: {
        layers: 2,
        width: 8,
        heads: 2,
        feedForwardWidth: 8,
        activation: "gelu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: { kind: "none" },
        positionBias: { kind: "relative", reach: 2 },
      },
      head,
    },
    labels,
    features,
    pattern: { kind: "window", left: 2, right: 2 },
    sentences,
  };
}

/** Runs inputs through a task. */
export async function runTask<Input, Output, H extends LabelHead, Settings extends object>(
  task: Modality<Input, Output, H, Settings>,
  config: unknown,
  inputs: readonly Input[],
  settings: Partial<Settings> = {},
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<Output[]> {
  const model = {
    name: "small",
    config,
    weights: async () => drawWeights((config as TextModelConfig).model),
    text: async (path: string) => new TextDecoder().decode(files[path]),
    bytes: async (path: string) => files[path]!,
  };
  await using pipeline = await createPipeline(task, {
    model,
    settings,
    backends: [async () => createReferenceBackend()],
  });
  return await pipeline.run(inputs);
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
