// The task image/clothing on the command line.

import { accuracyOf, clothing, greyImage, type ImageLabel } from "@saccade/image-patches";
import { clothingModel } from "@saccade/image-patches/models/clothing";
import type { Pipeline } from "@saccade/pipeline";
import { clothingLabels, readClothingFile } from "../../recipes/image/clothing-data.ts";
import { openPipeline } from "../open-pipeline.ts";
import type { Task } from "../task.ts";
import { imageOf } from "./image-input.ts";

/** One of ten kinds of clothing for a picture. */
export const clothingTask: Task = {
  name: "image/clothing",
  summary: "which of ten kinds of clothing a picture shows",
  shipped: clothingModel,
  labelled: "pictures as Fashion-MNIST has them, NAMEimages-idx3NAME, and NAMElabels-idx1NAME beside it",
  async open(options) {
    const pipeline = await openPipeline(clothing, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: imageOf,
      fieldsOf: (output) => ({ ...(output as ImageLabel) }),
      evaluate: async ({ data, signal, onProgress }) => {
        const { pixels, rows, columns, labels } = readClothingFile(data);
        const size = rows * columns;
        const inputs = Array.from(labels, (_, n) =>
          greyImage(pixels.subarray(n * size, (n + 1) * size), columns, rows),
        );
        const found = await pipeline.run(inputs, { signal, onProgress: ({ percent }) => onProgress(percent / 100) });
        const gold = Array.from(labels, (label) => clothingLabels[label]!);
        const { value, count } = accuracyOf(
          gold,
          found.map(({ label }) => label),
        );
        return [{ metric: "accuracy", value, count, data: data.name }];
      },
    };
  },
};
