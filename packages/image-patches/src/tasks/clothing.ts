// One label for a whole image.

import { largestOf, probabilitiesOf } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import type { Image } from "../pixels/image.ts";
import { openTask } from "./open-task.ts";
import type { LabelScore } from "./label-score.ts";
import type { ImageSettings } from "./settings.ts";

/** The label of an image, the most probable one, and all of them in the model's order. */
export interface ImageLabel extends LabelScore {
  readonly labels: readonly LabelScore[];
}

const clothingSettings: ImageSettings = { invert: "light-ground" };

/**
 * `image/clothing`: one label per image; with a model of other labels, those. An image of any size is brought to the one
 * that the model reads. The shipped model knows light items on black, so an image with a light border is turned to its
 * negative unless the settings say otherwise.
 */
export const clothing: Modality<Image, ImageLabel, "set-label", ImageSettings> = {
  name: "image/clothing",
  head: "set-label",
  settings: clothingSettings,
  async open(files, settings) {
    const { model, ...processor } = openTask(files, "image/clothing", "set-label", settings);
    const { labels } = model.config;
    return {
      ...processor,
      decode: ({ values }, inputs) =>
        inputs.map((_, n): ImageLabel => {
          const probabilities = probabilitiesOf(values, n, labels.length);
          const scores = labels.map((label, l): LabelScore => ({ label, score: probabilities[l]! }));
          return { ...scores[largestOf(probabilities)]!, labels: scores };
        }),
    };
  },
};
