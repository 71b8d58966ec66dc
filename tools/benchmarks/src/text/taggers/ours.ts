// Ours: the pipeline of a model that is shipped, in WASM on one thread.
import { existsSync } from "node:fs";
import { asyncDispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";
import { upos } from "@saccade/text-tokens";
import type { EnglishTagger } from "./tagger.ts";

/** The files of a model, as the packages name them. */
export type ShippedModel = Readonly<Record<string, URL>>;

/** Why `model` cannot be used, if one of its files is not there. */
export function missingModel(model: ShippedModel): string | undefined {
  const missing = Object.entries(model).find(([, url]) => !existsSync(url));
  return missing && `the model is not here: its ${missing[0]} must exist, it is missing`;
}

/** Opens `model`, by the reference backend if that is asked for. */
export async function openOurs(
  name: string,
  model: ShippedModel,
  backend: "wasm" | "reference" = "wasm",
): Promise<EnglishTagger> {
  const pipeline = await createPipeline(upos, {
    model: openModel(model),
    backends: [backend === "wasm" ? () => createWasmBackend({ threads: 1 }) : async () => createReferenceBackend()],
  });
  return {
    name,
    learntFrom: "EWT train",
    tag: async (texts) => pipeline.run(texts),
    label: async (texts) =>
      (await pipeline.run(texts)).map(({ tokens }) =>
        tokens.map(({ text: form, tag: label, start, end }) => ({ form, label, start, end })),
      ),
    tagWords: async (sentences) => (await pipeline.run(sentences)).map(({ tokens }) => tokens.map(({ tag }) => tag)),
    dispose: async () => pipeline[asyncDispose](),
  };
}
