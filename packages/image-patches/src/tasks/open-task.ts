// What the tasks have in common: a model, opened, and images as its features.

import { type Head, modelNetwork, type Network } from "@saccade/attention-core";
import type { ModalityFeatures } from "@saccade/pipeline";
import { type ImageModel, type ImageModelFiles, openImageModel } from "../model/image-model.ts";
import type { Image } from "../pixels/image.ts";
import { imageRows } from "../pixels/image-rows.ts";
import type { ImageSettings } from "./settings.ts";

/** The parts of a processor that do not depend on what is answered. */
export interface OpenedTask {
  readonly model: ImageModel;
  readonly network: Network;
  positionsOf(input: Image): number;
  featurize(inputs: readonly Image[]): ModalityFeatures;
}

/** Opens the files of a model for a task. Throws what `openImageModel` throws, and `RangeError` for settings that are none. */
export function openTask(files: ImageModelFiles, task: string, head: Head, { invert }: ImageSettings): OpenedTask {
  if (!["never", "always", "light-ground"].includes(invert)) {
    throw new RangeError(`Cannot open ${task}: invert must be never, always or light-ground, it is ${String(invert)}`);
  }
  const model = openImageModel(files, task, head);
  const { config, featurizer } = model;
  return {
    model,
    network: modelNetwork(config.model),
    positionsOf: () => featurizer.positions,
    featurize: (inputs) => featurizer.featuresOf(inputs.map((input) => imageRows(input, config.image, invert))),
  };
}
