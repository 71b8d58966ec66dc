// Attention over ragged rows: patterns and plans, the contract of a backend, and what is built from it. Backends have
// entries of their own, so that a page downloads the one it uses.

export type * from "./backend.ts";
export { type CheckedAttention, type CheckedMaps, checkAttention, largestHeadWidth } from "./check-attention.ts";
export {
  checkActivate,
  checkAppend,
  checkConcatenate,
  checkElementwise,
  checkEmbed,
  checkLinear,
  checkNorm,
  checkPool,
  checkReshape,
  checkRotate,
  checkSlice,
  checkSoftmax,
  checkUnfold,
  checkUpload,
} from "./check-operation.ts";
export { compilePlan } from "./compile-plan.ts";
export { asyncDispose, dispose } from "./disposal.ts";
export { BackendUnavailableError, DeviceLostError, DisposedError, ModelMismatchError, OutOfMemoryError } from "./errors.ts";
export type { AttentionPattern } from "./pattern.ts";
export { forEachKey, permittedPairs } from "./plan-walk.ts";
export { type AttentionPlan, type EdgesForm, queriesPerBlock, type RangesForm, type SegmentsForm } from "./plan.ts";
export {
  checkOffsets,
  fromPadded,
  lengthsOf,
  offsetsOf,
  packRows,
  type Padded,
  positionsOf,
  type Ragged,
  setOfRow,
  toPadded,
  unpackRows,
} from "./ragged.ts";
export { checkShape, type DType, type DTypeOf, formatShape, type Shape, sizeOf, type Tensor, type Values } from "./tensor.ts";
