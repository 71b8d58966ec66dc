// A task over a small model with drawn weights on the reference backend, as the pipeline would run it.

import {
  describeModelWeights,
  initialWeights,
  layoutModel,
  type ModelConfig,
  type Head,
  readScores,
  runModel,
  uploadWeights,
  type HeadScores,
} from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { featureLayout, type TextModelConfig, type WordFeatureConfig } from "../src/index.ts";
import type { TextTask } from "../src/tasks/task.ts";

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

/** Runs inputs through a task in one batch. */
export async function runTask<Input, Output, H extends Exclude<Head, "generate">, Settings extends object>(
  task: TextTask<Input, Output, H, Settings>,
  config: unknown,
  inputs: readonly Input[],
  settings: Partial<Settings> = {},
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<Output[]> {
  const processor = await task.open(
    { name: "small", config, bytes: async (path) => files[path]! },
    { ...task.settings, ...settings },
    new AbortController().signal,
  );
  const { model } = processor;
  const batch = processor.featurize(inputs);
  const backend = createReferenceBackend();
  const specs = describeModelWeights(model);
  const drawn = initialWeights(specs, 5);
  for (const { name, role } of specs) {
    if (role === "embedding" || role === "table" || role === "bias")
      drawn.get(name)!.values.forEach((_, i, all) => (all[i] = Math.sin(7 * i + 1)));
  }
  const weights = uploadWeights(backend, drawn);
  const workspace = backend.workspace();
  const result = await runModel(backend, workspace, model, layoutModel(model, weights.find), batch);
  const scores = await readScores(workspace, model, result, batch.offsets);
  return processor.decode(scores as HeadScores[H], inputs, batch);
}
