// Images: pixels, what a model sees of them, the tasks, maps of attention, and how well the tasks do.

export { gridPattern, type ImagePattern } from "./features/grid-pattern.ts";
export { type FeatureConfig, imageFeatures, imageFeaturizer, type ImageFeaturizer } from "./features/image-features.ts";
export { type StemGeometry, stemWindows, type StemWindows } from "./features/stem-windows.ts";
export { type Accuracy, accuracyOf } from "./metrics/accuracy.ts";
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
