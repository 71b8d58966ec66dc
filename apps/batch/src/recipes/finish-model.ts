// From trained weights to the files of a model: stored, then measured as they are stored, and the figures put
// into the model card.

import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { openModel, packModel } from "@saccade/model-files";
import type { DataFile } from "../records/data-file.ts";
import { tasks } from "../tasks/tasks.ts";
import { type CardFacts, modelCard } from "./model-card.ts";
import type { Figure, Recipe, TrainedModel } from "./recipe.ts";

/** A model that can be written, and how good it is. */
export interface FinishedModel {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly figures: readonly Figure[];
}

/**
 * The files of `model`, with the figures of its recipe and those that its task measures on the last file of the recipe's
 * data, which training did not learn from. A recipe without a task of its name has the former alone.
 */
export async function finishModel(
  recipe: Recipe,
  model: TrainedModel,
  facts: CardFacts,
  dataOf: (file: string) => DataFile,
  signal: AbortSignal,
): Promise<FinishedModel> {
  const pack = async (figures: readonly Figure[]): Promise<FinishedModel> => ({
    files: await packModel({ storage: "int8", ...model, card: modelCard(recipe, { ...model, figures }, facts) }),
    figures,
  });
  const task = tasks.find(({ name }) => name === recipe.name);
  const file = recipe.data.at(-1);
  if (!task || file === undefined) return pack(model.figures);
  const { files } = await pack(model.figures);
  const opened = await task.open({
    model: await openModel(files, { signal }),
    backends: [() => createWasmBackend()],
    signal,
  });
  try {
    const measured = await opened.evaluate({ data: dataOf(file), signal, onProgress: () => {} });
    return await pack([...measured, ...model.figures]);
  } finally {
    await opened.pipeline[asyncDispose]();
  }
}
