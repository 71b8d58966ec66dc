// An image model, opened from its files.

import { type Head, ModelMismatchError } from "@saccade/attention-core";
import { imageFeaturizer, type ImageFeaturizer } from "../features/image-features.ts";
import { checkImageModelConfig, type ImageModelConfig } from "./image-model-config.ts";

/** An image model, ready to see images. */
export interface ImageModel {
  readonly config: ImageModelConfig;
  readonly featurizer: ImageFeaturizer;
}

/** What is needed of the files of a model; `ModelFiles` of @saccade/model-files has it. */
export interface ImageModelFiles {
  readonly name: string;
  readonly config: unknown;
}

/** An image model from its configuration. Throws what `checkImageModelConfig` throws. */
export function imageModel(config: ImageModelConfig): ImageModel {
  checkImageModelConfig(config);
  return { config, featurizer: imageFeaturizer(config) };
}

/**
 * Opens the files of a model for a task, whose network must have the head `head`. Throws `ModelMismatchError` if the
 * configuration is of another kind of model or does not agree with itself.
 */
export function openImageModel(files: ImageModelFiles, task: string, head: Head): ImageModel {
  const refuse = (rule: string, options?: ErrorOptions): never => {
    throw new ModelMismatchError(`Cannot open model "${files.name}" as ${task}: ${rule}`, options);
  };
  let model: ImageModel;
  try {
    model = imageModel(files.config as ImageModelConfig);
  } catch (cause) {
    return refuse((cause as Error).message, { cause });
  }
  const { kind } = model.config.model.head;
  if (kind !== head) return refuse(`head must be "${head}", the model has "${kind}"`);
  return model;
}
