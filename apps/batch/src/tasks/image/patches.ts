// The task image/patches on the command line. `evaluate` joins the pictures of its file to scenes, the same each time; see
// recipes/image/scenes.ts for how.

import { accuracyOf, greyImage, type LabelledPatches, patches } from "@saccade/image-patches";
import { patchesModel } from "@saccade/image-patches/models/patches";
import type { Pipeline } from "@saccade/pipeline";
import { clothingLabels, readClothingFile } from "../../recipes/image/clothing-data.ts";
import { background, evaluationScenes, patchScenes } from "../../recipes/image/patch-scenes.ts";
import { openPipeline } from "../open-pipeline.ts";
import type { Task } from "../task.ts";
import { imageOf } from "./image-input.ts";

/** A kind of clothing, or background, for each patch of a scene. */
export const patchesTask: Task = {
  name: "image/patches",
  summary: "which kind of clothing each patch of a scene holds",
  shipped: patchesModel,
  labelled:
    "pictures as Fashion-MNIST has them, NAMEimages-idx3NAME, and NAMElabels-idx1NAME beside it; they are joined to scenes",
  async open(options) {
    const pipeline = await openPipeline(patches, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: imageOf,
      fieldsOf: (output) => ({ ...(output as LabelledPatches) }),
      evaluate: async ({ data, signal, onProgress }) => {
        const scenes = evaluationScenes(readClothingFile(data));
        const { side } = patchScenes;
        const found = await pipeline.run(
          scenes.map(({ pixels }) => greyImage(pixels, side, side)),
          { signal, onProgress: ({ percent }) => onProgress(percent / 100) },
        );
        const names = [...clothingLabels, background];
        const gold = scenes.flatMap(({ labels }) => Array.from(labels, (label) => names[label]!));
        const predicted = found.flatMap((scene) => scene.patches.map(({ label }) => label));
        const held = [...gold.keys()].filter((p) => gold[p] !== background);
        const all = accuracyOf(gold, predicted);
        const ofHeld = accuracyOf(
          held.map((p) => gold[p]!),
          held.map((p) => predicted[p]!),
        );
        return [
          { metric: "accuracy of patches", value: all.value, count: all.count, data: data.name },
          { metric: "accuracy without background", value: ofHeld.value, count: ofHeld.count, data: data.name },
        ];
      },
    };
  },
};
