// The checks of the arguments of `TrainingWorkspace`, and the sizes that follow from them: as `check-operation.ts`, for
// every backend that goes backward. What an operation and its gradient share is checked by the operation's own check.

import type { Activation, Pooling, RotationOptions } from "./backend.ts";
import { checkAttention, type CheckedAttention } from "./check-attention.ts";
import {
  checkActivate,
  checkFinite,
  checkInteger,
  checkMatrix,
  checkNorm,
  checkPool,
  checkRotate,
  checkSoftmax,
  checkTensor,
  mismatch,
} from "./check-operation.ts";
import type { AttentionPlan } from "./plan.ts";
import { kindOf } from "./ragged.ts";
import { type DType, formatShape, type Shape, sizeOf, type Tensor } from "./tensor.ts";
import type { Dropout, TrainingAttentionOptions, TrainingWorkspace } from "./training.ts";

/** A call of `attention` or its gradient with nothing left open. */
export interface CheckedTrainingAttention extends CheckedAttention {
  /** Null where nothing is dropped, be it for a rate of 0. */
  readonly dropout: Dropout | null;
}

/** `dropout`: any shape. */
export function checkDropout(x: Tensor, dropout: Dropout): { readonly size: number } {
  checkTensor("dropout", "x", x, "f32");
  checkDropoutSettings("dropout", dropout);
  return { size: sizeOf(x.shape) };
}

/** `embedGradient`: ids [P] or [P, T], T at least 1, dy [P, T · W]; the result is [V, W]. */
export function checkEmbedGradient(
  ids: Tensor<"i32">,
  dy: Tensor,
  tableRows: number,
): { readonly V: number; readonly W: number; readonly P: number; readonly T: number } {
  const operation = "embedGradient";
  checkTensor(operation, "ids", ids, "i32");
  const [P, T = 1] = ids.shape;
  // Without any column the width of the table cannot be told.
  if (P === undefined || ids.shape.length > 2 || T === 0)
    throw mismatch(operation, "ids", "[P] or [P, T] with T >= 1", ids);
  const W = checkColumns(operation, dy, P, T, "P");
  checkInteger(operation, "tableRows", tableRows, 0);
  return { V: tableRows, W, P, T };
}

/** `linearInputGradient`: dy [P, O], weight [I, O]; the result is [P, I]. */
export function checkLinearInputGradient(
  dy: Tensor,
  weight: Tensor,
): { readonly P: number; readonly I: number; readonly O: number } {
  const operation = "linearInputGradient";
  const [P, columns] = checkMatrix(operation, "dy", dy, "[P, O]");
  const [I, O] = checkMatrix(operation, "weight", weight, "[I, O]");
  if (columns !== O) throw mismatch(operation, "dy", `[P, O] with O = ${O}, the columns of weight`, dy);
  return { P, I, O };
}

/** `linearWeightGradient`: x [P, I], dy [P, O]; the result is [I, O]. */
export function checkLinearWeightGradient(
  x: Tensor,
  dy: Tensor,
): { readonly P: number; readonly I: number; readonly O: number } {
  const operation = "linearWeightGradient";
  const [P, I] = checkMatrix(operation, "x", x, "[P, I]");
  const [rows, O] = checkMatrix(operation, "dy", dy, "[P, O]");
  if (rows !== P) throw mismatch(operation, "dy", `[P, O] with P = ${P}, the rows of x`, dy);
  return { P, I, O };
}

/** `activateGradient`: any shape, the same for x and dy. */
export function checkActivateGradient(x: Tensor, activation: Activation, dy: Tensor): { readonly size: number } {
  const size = checkActivate(x, activation, "activateGradient");
  checkSame("activateGradient", "dy", dy, "x", x.shape);
  return size;
}

/** `layerNormGradient` and `rmsNormGradient`: x and dy [P, W], gain [W]. */
export function checkNormGradient(
  operation: "layerNormGradient" | "rmsNormGradient",
  x: Tensor,
  gain: Tensor,
  epsilon: number,
  dy: Tensor,
): { readonly P: number; readonly W: number } {
  const size = checkNorm(operation, x, gain, null, epsilon);
  checkSame(operation, "dy", dy, "x", x.shape);
  return size;
}

/** `softmaxGradient`: y and dy [P, W]. */
export function checkSoftmaxGradient(y: Tensor, dy: Tensor): { readonly P: number; readonly W: number } {
  const size = checkSoftmax(y, "softmaxGradient", "y");
  checkSame("softmaxGradient", "dy", dy, "y", y.shape);
  return size;
}

/** `attention` with dropout: what `checkAttention` throws and returns, and the dropout. */
export function checkTrainingAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  options: TrainingAttentionOptions,
): CheckedTrainingAttention {
  const call = checkAttention(q, k, v, plan, options);
  const { dropout } = options;
  if (dropout === undefined) return { ...call, dropout: null };
  checkDropoutSettings("attention", dropout);
  return { ...call, dropout: dropout.rate === 0 ? null : dropout };
}

/**
 * `attentionGradient`: the arguments of the call of `attention`, of whose maps none is looked at; its output and dy [P, H ·
 * value width]; and its log-sum-exp [P, H] for the normalizer softmax, null for the others.
 */
export function checkAttentionGradient(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  options: TrainingAttentionOptions,
  attended: Parameters<TrainingWorkspace["attentionGradient"]>[5],
  dy: Tensor,
): CheckedTrainingAttention {
  const operation = "attentionGradient";
  const { maps: _, ...withoutMaps } = options;
  const call = checkTrainingAttention(q, k, v, plan, withoutMaps);
  const { P, H, valueWidth, normalizer } = call;
  const { output, logSumExp } = attended;
  checkRows(operation, "output", output, "[P, H · value width]", [P, H * valueWidth]);
  checkSame(operation, "dy", dy, "output", output.shape);
  if (normalizer === "softmax") {
    if (logSumExp === null) {
      throw new TypeError(`Cannot run ${operation}: logSumExp must be a tensor for the normalizer softmax, it is null`);
    }
    checkRows(operation, "logSumExp", logSumExp, "[P, H]", [P, H]);
  } else if (logSumExp !== null) {
    throw new TypeError(
      `Cannot run ${operation}: logSumExp must be null for the normalizer ${normalizer}, it is ${kindOf(logSumExp)}`,
    );
  }
  return call;
}

/** `poolGradient`: x [P, W], offsets [N + 1] that end with P, dy [N, W]; the result is [P, W]. */
export function checkPoolGradient(
  x: Tensor,
  offsets: Int32Array,
  how: Pooling,
  dy: Tensor,
): { readonly N: number; readonly P: number; readonly W: number } {
  const size = checkPool(x, offsets, how, "poolGradient");
  checkRows("poolGradient", "dy", dy, "[N, W]", [size.N, size.W]);
  return size;
}

/** `unfoldGradient`: dy [R, T · W], windows [R, T], T at least 1; the result is [P, W], `rows` being P. */
export function checkUnfoldGradient(
  dy: Tensor,
  windows: Tensor<"i32">,
  rows: number,
): { readonly P: number; readonly W: number; readonly R: number; readonly T: number } {
  const operation = "unfoldGradient";
  const [R, T] = checkMatrix(operation, "windows", windows, "[R, T]", "i32");
  if (T === 0) throw mismatch(operation, "windows", "[R, T] with T >= 1", windows);
  const W = checkColumns(operation, dy, R, T, "R");
  checkInteger(operation, "rows", rows, 0);
  return { P: rows, W, R, T };
}

/** `rotateGradient`: as `rotate`, with dy [P, H · D] in the place of x. */
export function checkRotateGradient(
  dy: Tensor,
  positions: Tensor<"i32">,
  cos: Tensor,
  sin: Tensor,
  options: RotationOptions,
): ReturnType<typeof checkRotate> {
  return checkRotate(dy, positions, cos, sin, options, "rotateGradient", "dy");
}

/** Throws unless rate and seed are what `Dropout` says. */
function checkDropoutSettings(operation: string, dropout: Dropout): void {
  if (typeof dropout !== "object" || dropout === null) {
    throw new TypeError(`Cannot run ${operation}: dropout must be a rate and a seed, it is ${kindOf(dropout)}`);
  }
  const { rate, seed } = dropout;
  checkFinite(operation, "the rate of dropout", rate);
  if (rate < 0 || rate >= 1) {
    throw new RangeError(`Cannot run ${operation}: the rate of dropout must satisfy 0 <= rate < 1, it is ${rate}`);
  }
  checkInteger(operation, "the seed of dropout", seed, 0);
  if (seed >= 2 ** 32) {
    throw new RangeError(`Cannot run ${operation}: the seed of dropout must be below 2³², it is ${seed}`);
  }
}

/** W of `dy` [rows, T · W]; `letter` is that of its rows. */
function checkColumns(operation: string, dy: Tensor, rows: number, T: number, letter: string): number {
  const shape = `[${letter}, T · W]`;
  const [actualRows, columns] = checkMatrix(operation, "dy", dy, shape);
  if (actualRows !== rows || columns % T !== 0) {
    throw mismatch(operation, "dy", `${shape} with ${letter} = ${rows} and T = ${T}`, dy);
  }
  return columns / T;
}

/** Throws unless `tensor` has the shape that the tensor `other` has. */
function checkSame(operation: string, name: string, tensor: Tensor, other: string, shape: Shape): void {
  checkTensor(operation, name, tensor, "f32");
  if (!hasShape(tensor, shape)) throw mismatch(operation, name, `${formatShape(shape)}, the shape of ${other}`, tensor);
}

/** Throws unless `tensor` has `shape`, which the contract writes as `letters`. */
function checkRows(operation: string, name: string, tensor: Tensor, letters: string, shape: Shape): void {
  checkTensor(operation, name, tensor, "f32");
  if (!hasShape(tensor, shape)) throw mismatch(operation, name, `${letters}, here ${formatShape(shape)}`, tensor);
}

function hasShape(tensor: Tensor<DType>, shape: Shape): boolean {
  return tensor.shape.length === shape.length && shape.every((length, axis) => length === tensor.shape[axis]);
}
