// Training: a backend that can be walked back, losses, optimisers, and the loop.

export { differentiable, type DifferentiableBackend, type Parameter, type TapeOptions } from "./differentiable.ts";
export { dropBranches } from "./dropout.ts";
export { type ModelParameters, type NamedValues, uploadParameters, zerosLike } from "./parameters.ts";
export type { GradientRoot, Gradients, Tape } from "./tape/tape.ts";

// Losses over scores on the host.
export { crossEntropy, type CrossEntropyOptions } from "./losses/cross-entropy.ts";
export { ctc, type CtcLoss, type CtcOptions, type LabelSequences } from "./losses/ctc.ts";
export { distillation, type DistillationOptions } from "./losses/distillation.ts";
export type { Loss } from "./losses/loss.ts";
export { squaredError, type SquaredErrorOptions } from "./losses/squared-error.ts";

// Optimisers on the host.
export { averagingDecay } from "./optimizer/averaging.ts";
export { clipFactor, globalNorm } from "./optimizer/global-norm.ts";
export { createOptimizer, type Optimizer, type OptimizerSettings } from "./optimizer/optimizer.ts";
export { rateAt, type Schedule } from "./optimizer/schedule.ts";

// The loop.
export { type Checkpoint, type Json, type TrainingState } from "./fit/checkpoint.ts";
export { CheckpointMismatchError, NonFiniteLossError } from "./fit/errors.ts";
export { fit } from "./fit/fit.ts";
export type { FitOptions, FitProgress, FitResult, LossTerm, StepContext } from "./fit/fit-options.ts";
export { type BatchOptions, shuffledBatches } from "./fit/shuffled-batches.ts";
