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
  checkRead,
  checkReshape,
  checkRotate,
  checkSlice,
  checkSoftmax,
  checkUnfold,
  checkUpload,
} from "./check-operation.ts";
export {
  checkActivateGradient,
  checkAttentionGradient,
  checkDropout,
  type CheckedTrainingAttention,
  checkEmbedGradient,
  checkLinearInputGradient,
  checkLinearWeightGradient,
  checkNormGradient,
  checkPoolGradient,
  checkRotateGradient,
  checkSoftmaxGradient,
  checkTrainingAttention,
  checkUnfoldGradient,
} from "./check-training.ts";
export { compilePlan } from "./compile-plan.ts";
export { asyncDispose, dispose } from "./disposal.ts";
export {
  BackendFaultError,
  BackendUnavailableError,
  DeviceLostError,
  DisposedError,
  ModelMismatchError,
  OutOfMemoryError,
} from "./errors.ts";
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
export {
  attentionDropoutIndex,
  type AttentionGradients,
  type Dropout,
  dropoutKeeps,
  type TrainingAttentionOptions,
  type TrainingBackend,
  type TrainingWorkspace,
} from "./training.ts";
export {
  checkShape,
  type DType,
  type DTypeOf,
  formatShape,
  type Shape,
  sizeOf,
  type Tensor,
  type Values,
} from "./tensor.ts";
export {
  type ConvolutionSettings,
  convolutionWindows,
  type Grid,
  type GridSettings,
  gridWindows,
  type GridWindows,
  type Windows,
} from "./windows.ts";

// Models on the host: configurations, positions, weights.
export { checkDivides, checkInteger, checkKind, checkOneOf, checkPositive } from "./config-checks.ts";
export {
  alibiSlopes,
  rotaryTables,
  type RotaryTables,
  sinusoidalGridPositions,
  sinusoidalPositions,
} from "./positions.ts";
export { randomStream, type RandomStream } from "./random.ts";
export {
  checkWeights,
  describeLayout,
  type HostTensor,
  initialWeights,
  type UploadedWeights,
  uploadWeights,
  type WeightChecks,
  type WeightLeaf,
  type WeightRole,
  type Weights,
  type WeightSpec,
} from "./weights.ts";

// The bricks of a layer.
export {
  attend,
  type AttendOptions,
  type AttentionBlockWeights,
  type KeysValues,
  layoutAttentionBlock,
  projectKeysValues,
  releaseKeysValues,
} from "./layers/attention-block.ts";
export {
  addRowPositions,
  batchPositions,
  type BatchPositions,
  releasePositions,
  type RowPositions,
} from "./layers/batch-positions.ts";
export { convolve, type ConvolutionBlockWeights, layoutConvolutionBlock } from "./layers/convolution-block.ts";
export {
  decoderLayer,
  type DecoderLayerOptions,
  type DecoderLayerResult,
  type DecoderLayerWeights,
  layoutDecoderLayer,
} from "./layers/decoder-layer.ts";
export {
  encoderLayer,
  type EncoderLayerOptions,
  type EncoderLayerWeights,
  layoutEncoderLayer,
} from "./layers/encoder-layer.ts";
export {
  feedForward,
  type FeedForwardConfig,
  type FeedForwardWeights,
  layoutFeedForward,
} from "./layers/feed-forward.ts";
export { gatherRows, transpose } from "./layers/gather.ts";
export {
  checkLayerConfig,
  type ConvolutionConfig,
  type HeadShape,
  headShape,
  type LayerConfig,
  type PositionBias,
  type RotaryConfig,
} from "./layers/layer-config.ts";
export { applyLinear, layoutLinear, type LinearWeights } from "./layers/linear.ts";
export { applyNorm, layoutNorm, type NormConfig, type NormWeights } from "./layers/norm.ts";
export { type BranchHook, residual } from "./layers/residual.ts";

// Encoder, decoder, heads.
export { encode, type Encoded, type EncodeOptions, type LayerMapRequest } from "./encoder/encode.ts";
export { checkEncoderConfig, type EncoderConfig } from "./encoder/encoder-config.ts";
export { describeEncoderWeights, type EncoderWeights, layoutEncoder } from "./encoder/encoder-weights.ts";
export { decode, type Decoded, type DecodeOptions, planSelfAttention } from "./decoder/decode.ts";
export { type DecoderCache, emptyCache, gatherCache, keepCache, projectMemory } from "./decoder/decoder-cache.ts";
export { checkDecoderConfig, type DecoderConfig } from "./decoder/decoder-config.ts";
export { type DecoderWeights, describeDecoderWeights, layoutDecoder } from "./decoder/decoder-weights.ts";
export { generate, type GenerateOptions } from "./heads/generate.ts";
export {
  checkGenerationConfig,
  decodeTokens,
  describeGenerationWeights,
  type GenerationConfig,
  type GenerationWeights,
  layoutGeneration,
  outputMap,
} from "./heads/generation.ts";
export { type Accuracy, accuracyOf } from "./heads/accuracy.ts";
export { largestOf, probabilitiesOf } from "./heads/probabilities.ts";
export type { Head, HeadScores, PositionScores, SetScores } from "./heads/head-scores.ts";
export {
  describePositionLabelsWeights,
  layoutPositionLabels,
  type PositionLabelsConfig,
  scorePositions,
} from "./heads/position-labels.ts";
export type { GeneratedSequence, GenerationStep, SearchOptions } from "./heads/search.ts";
export {
  type AttentionPoolingConfig,
  type AttentionPoolingWeights,
  checkSetLabelConfig,
  describeSetLabelWeights,
  layoutSetLabel,
  scoreSets,
  type ScoreSetsOptions,
  type SetLabelConfig,
  type SetLabelled,
  type SetLabelWeights,
} from "./heads/set-label.ts";
export type { Memory, Prompts } from "./heads/stepper.ts";

// A whole model: rows in, encoder, head.
export { checkFeatures, embedFeatures, type Features } from "./model/features.ts";
export { checkModelConfig, type HeadConfig, type InputConfig, type ModelConfig } from "./model/model-config.ts";
export {
  describeModelWeights,
  type HeadWeights,
  type InputWeights,
  layoutModel,
  type ModelWeights,
} from "./model/model-weights.ts";
export { modelNetwork, type Network, type NetworkHead, type RunNetwork } from "./model/network.ts";
export { type ModelResult, readScores, runModel, type RunModelOptions, scoreHidden } from "./model/run-model.ts";
export { sliceFeatures } from "./model/slice-features.ts";
export { edgesOf } from "./model/slice-pattern.ts";
export type { StemStage, StemStageWeights } from "./model/stem.ts";
