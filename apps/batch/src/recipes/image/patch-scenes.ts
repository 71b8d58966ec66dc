// The scenes of image/patches: how large they are, and those that it is measured by.

import type { LabelledImages } from "../../records/labelled-images.ts";
import { clothingLabels } from "./clothing-data.ts";
import { type PaintedScene, paintScene, planScenes, type SceneSettings } from "./scenes.ts";

/** 8 × 8 patches of 8 × 8 pixels. */
export const patchScenes: SceneSettings = { side: 64, patch: 8 };

/** The label of a patch that holds nothing, after those of clothing. */
export const background = "background";

/** The scenes that are measured by: always the same for the same pictures. */
export function evaluationScenes(images: LabelledImages): PaintedScene[] {
  return planScenes(images.labels.length, images.rows, patchScenes, 1, "evaluation").map((scene) =>
    paintScene(scene, images, patchScenes, clothingLabels.length),
  );
}

/** The scenes of an epoch to learn from. */
export function epochScenes(images: LabelledImages, seed: number, epoch: number): (scene: number) => PaintedScene {
  const scenes = planScenes(images.labels.length, images.rows, patchScenes, seed, `epoch ${epoch}`, true);
  return (n) => paintScene(scenes[n]!, images, patchScenes, clothingLabels.length);
}
