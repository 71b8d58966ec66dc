// Images: pixels, what a model sees of them, the tasks, maps of attention, and how well the tasks do.

export { ImageFormatError, type ImageFormatFault } from "./decoding/image-format-error.ts";
export type { ImageHeader } from "./decoding/header.ts";
export { type DecodeOptions, readImageHeader } from "./decoding/image-header.ts";
export { gridPattern, type ImagePattern } from "./features/grid-pattern.ts";
export { type FeatureConfig, imageFeatures, imageFeaturizer, type ImageFeaturizer } from "./features/image-features.ts";
export { type StemGeometry, stemWindows, type StemWindows } from "./features/stem-windows.ts";
export { attentionWeights } from "./maps/attention-weights.ts";
export { heatMap, type HeatMap, paintHeatMap } from "./maps/heat-map.ts";
export { attentionRollout, rolloutFrom } from "./maps/rollout.ts";
export { type Accuracy, accuracyOf } from "@saccade/attention-core";
export { checkImageModelConfig, type ImageModelConfig } from "./model/image-model-config.ts";
export { imageModel, type ImageModel, type ImageModelFiles, openImageModel } from "./model/image-model.ts";
export { checkImage, greyImage, type Image, largestImagePixels } from "./pixels/image.ts";
export {
  checkImageFormat,
  type ImageFormat,
  imageRows,
  type Inversion,
  normalise,
  placeOf,
} from "./pixels/image-rows.ts";
export { type ChannelSettings, greyWeights, type Raster, rasterOf } from "./pixels/raster.ts";
export { resize } from "./pixels/resize.ts";
export { clothing, type ImageLabel } from "./tasks/clothing.ts";
export { type LabelledPatches, type PatchItem, patches } from "./tasks/patches.ts";
export { type Box, boxOf } from "./tasks/patch-boxes.ts";
export { groupPatches, type PatchGroup } from "./tasks/patch-groups.ts";
export type { LabelScore } from "./tasks/label-score.ts";
export { type ImageSettings, imageSettings } from "./tasks/settings.ts";
