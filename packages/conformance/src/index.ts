// The suite that every backend must pass: run it over your own with `describeBackend`, or case by case.

export {
  type BackendCase,
  type CaseContext,
  type CaseOutcome,
  type BackendPromises,
  runBackendCase,
} from "./backend-case.ts";
export { backendCases } from "./backend-cases.ts";
export { type Checker, ConformanceError } from "./check/checker.ts";
export { type Comparison, compare, leastScale, tolerance } from "./check/compare.ts";
export { describeBackend, type SuiteOptions, type TestFramework } from "./describe-backend.ts";
export {
  CaseFileError,
  type OnnxCase,
  type OnnxDType,
  type OnnxTensor,
  parseOnnxCases,
  readOnnxCases,
} from "./onnx/onnx-case.ts";
export { runOnnxAttention } from "./onnx/onnx-attention.ts";
export { NotApplicableError, type OnnxResult, type OnnxResults } from "./onnx/onnx-node.ts";
export { halfTolerance, type OnnxOutcome, runOnnxCase, whyNotApplicable } from "./onnx/run-onnx-case.ts";

// The suite for backends that go backward.
export { describeTrainingBackend } from "./training/describe-training-backend.ts";
export { gradientTolerance, type TrainingCase, type TrainingCaseContext } from "./training/training-case.ts";
export { trainingCases } from "./training/training-cases.ts";

// The suite for plugins.
export { describeModality, modalityCases } from "./modality/describe-modality.ts";
export {
  type ModalityCase,
  type ModalityContext,
  type ModalityTrial,
  type ModelFilesOf,
  runModalityCase,
} from "./modality/modality-case.ts";
