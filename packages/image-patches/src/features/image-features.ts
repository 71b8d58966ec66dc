// What a model reads of images: their numbers end to end, the tables of the stem, the pattern.

import type { AttentionPattern, Features, Grid } from "@saccade/attention-core";
import type { ImageModelConfig } from "../model/image-model-config.ts";
import { gridPattern } from "./grid-pattern.ts";
import { stemWindows, windowRepeater } from "./stem-windows.ts";

/** Makes features of images for one model. */
export interface ImageFeaturizer {
  /** Rows and columns of patches. */
  readonly grid: Grid;
  /** P of one image: its patches, and the class token if there is one. */
  readonly positions: number;
  /** Of one image: [rows · columns · channels]. */
  readonly values: number;
  /**
   * Features of N images, each [rows · columns, channels] as `imageRows` gives it. The tables are shared between calls and
   * must not be changed. Throws `RangeError` for numbers of another size, or any that is not finite.
   */
  featuresOf(images: readonly Float32Array[]): Features;
}

/** What `imageFeaturizer` reads of a configuration. */
export type FeatureConfig = Pick<ImageModelConfig, "image" | "stem" | "pattern" | "classToken">;

/** A featurizer, which keeps the tables that all images share. Throws what `stemWindows` throws. */
export function imageFeaturizer({ image, stem, pattern, classToken = false }: FeatureConfig): ImageFeaturizer {
  const windows = stemWindows([image.rows, image.columns], stem, classToken);
  const repeated = windowRepeater(windows);
  const { grid } = windows;
  const positions = grid[0] * grid[1] + (classToken ? 1 : 0);
  const values = image.rows * image.columns * image.channels;
  const ofBatch: AttentionPattern = gridPattern(pattern, grid, classToken);
  return {
    grid,
    positions,
    values,
    featuresOf(images) {
      const all = new Float32Array(images.length * values);
      images.forEach((each, n) => {
        checkValues(each, n, values);
        all.set(each, n * values);
      });
      return {
        offsets: Int32Array.from({ length: images.length + 1 }, (_, n) => n * positions),
        values: all,
        convolutions: repeated(images.length),
        pattern: ofBatch,
      };
    },
  };
}

/** The features of images for a model that is used once; otherwise `imageFeaturizer` keeps what it can. */
export function imageFeatures(config: FeatureConfig, images: readonly Float32Array[]): Features {
  return imageFeaturizer(config).featuresOf(images);
}

function checkValues(image: Float32Array, n: number, values: number): void {
  if (image.length !== values) {
    throw new RangeError(`Cannot use images: each must have ${values} numbers, image ${n} has ${image.length}`);
  }
  // A plain loop, the fastest there is: this runs for every image of every batch of a training.
  for (let i = 0; i < values; i += 1) {
    if (!Number.isFinite(image[i])) {
      throw new RangeError(`Cannot use images: numbers must be finite, image ${n} has ${image[i]} at ${i}`);
    }
  }
}
