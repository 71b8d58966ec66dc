// Scenes as batches: other ones in each epoch to learn from, always the same to be measured by.

import { type ImageFeaturizer, type ImageFormat, normalise } from "@saccade/image-patches";
import type { LabelledImages } from "../../records/labelled-images.ts";
import { epochScenes, evaluationScenes, patchScenes } from "./patch-scenes.ts";
import { type PaintedScene, sceneCount } from "./scenes.ts";
import type { ImageSource } from "./train-images.ts";

/** Scenes of `images` on a canvas, normalised as `format` says; `seed` is that of the scenes to learn from. */
export function sceneSource(
  featurizer: ImageFeaturizer,
  images: LabelledImages,
  format: ImageFormat,
  seed: number,
): ImageSource {
  const { side, patch } = patchScenes;
  const patchCount = (side / patch) ** 2;
  let measured: readonly PaintedScene[] | undefined;
  let learned: { readonly epoch: number; readonly paint: (scene: number) => PaintedScene } | undefined;
  return {
    count: sceneCount(images.labels.length),
    batch(numbers, noise) {
      if (noise && learned?.epoch !== noise.epoch) {
        learned = { epoch: noise.epoch, paint: epochScenes(images, seed, noise.epoch) };
      }
      if (!noise) measured ??= evaluationScenes(images);
      const scenes = Array.from(numbers, (n) => (noise ? learned!.paint(n) : measured![n]!));
      const labels = new Int32Array(scenes.length * patchCount);
      scenes.forEach((scene, i) => labels.set(scene.labels, i * patchCount));
      return { features: featurizer.featuresOf(scenes.map(({ pixels }) => normalised(pixels, format))), labels };
    },
  };
}

function normalised(pixels: Uint8Array, format: ImageFormat): Float32Array {
  const { rows: height, columns: width, channels } = format;
  return normalise({ values: Float32Array.from(pixels), width, height, channels }, format);
}
