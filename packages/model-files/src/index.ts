// Model files: bytes in, named weights out.

export { browserCache } from "./cache/browser-cache.ts";
export type { FileCache } from "./cache/file-cache.ts";
export { formatVersion, longestConfigBytes, type ModelFileConfig, parseConfig } from "./config.ts";
export { ModelFileError, type ModelFileErrorCode } from "./errors.ts";
export type { Fetch } from "./folder/fetch-file.ts";
export type { ManifestEntry } from "./folder/manifest.ts";
export type { ModelFiles } from "./folder/model-files.ts";
export { openModel, type OpenModel } from "./folder/open-model.ts";
export type { ModelNotice, OpenModelOptions } from "./folder/open-options.ts";
export { type ModelParts, packModel } from "./folder/pack-model.ts";
export type { LoadProgress } from "./folder/progress.ts";
export type { ModelFileSet, ModelReader, ModelSource } from "./folder/source.ts";
export type { Json, JsonObject } from "./json/parse-json.ts";
export type { StoredDType } from "./safetensors/dtype.ts";
export {
  longestHeaderBytes,
  readSafetensors,
  type ReadOptions,
  type Safetensors,
  type StoredTensor,
} from "./safetensors/read.ts";
export { writeSafetensors } from "./safetensors/write.ts";
export { readWeights, type Weights, type WeightTensor } from "./weights/read-weights.ts";
export { type Storage, writeWeights, type WriteWeightsOptions } from "./weights/write-weights.ts";
