// Model files: bytes in, named weights out.

export { ModelFileError, type ModelFileErrorCode } from "./errors.ts";
export type { ModelFiles } from "./folder/model-files.ts";
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
