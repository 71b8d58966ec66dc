// Labelled images as batches for training, changed anew in each epoch, and as they are for measuring.

import { type ImageFeaturizer } from "@saccade/image-patches";
import { type AugmentSettings, augmentImage, isMirrored } from "./augment.ts";
import type { ImageSet } from "./image-data.ts";
import type { ImageSource } from "./train-images.ts";

/** The images of `set`, labelled as wholes; `black` is what stands around them, by channel. */
export function imageSource(
  featurizer: ImageFeaturizer,
  { values, labels }: ImageSet,
  shape: ImageSet["shape"],
  black: readonly number[],
  augment: AugmentSettings,
): ImageSource {
  const size = featurizer.values;
  return {
    count: labels.length,
    batch(numbers, noise) {
      const changed = noise && new Float32Array(numbers.length * size);
      const images = Array.from(numbers, (n, i) => {
        if (!changed) return values.subarray(n * size, (n + 1) * size);
        const changes = { ...augment, mirrored: augment.mirror && isMirrored(n, noise.epoch) };
        augmentImage(values, n * size, changed, i * size, shape, black, changes, noise.random);
        return changed.subarray(i * size, (i + 1) * size);
      });
      return { features: featurizer.featuresOf(images), labels: Int32Array.from(numbers, (n) => labels[n]!) };
    },
  };
}
