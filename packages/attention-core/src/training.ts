// What training asks of a backend beyond inference: for each operation of a workspace its vector-Jacobian product,
// and dropout. `@saccade/training` records what a workspace computes and calls these in reverse. They live on a
// backend of their own, so that a page which only runs models does not download them.
//
// In all of them `dy` is the gradient of the loss with respect to the operation's result, in its shape, and what is
// returned is the gradient with respect to an argument, in that argument's shape. Arguments are checked, work is queued
// and memory is owned as in `backend.ts`; sums run in an order that does not depend on threads, and those that belong to the
// rows of one set not on the other sets of the batch.

import type {
  Activation,
  Attended,
  AttentionOptions,
  Backend,
  Pooling,
  RotationOptions,
  Workspace,
} from "./backend.ts";
import type { AttentionPlan } from "./plan.ts";
import type { Tensor } from "./tensor.ts";

/** Dropout (Srivastava et al. 2014): which elements stay depends on the seed and their place alone, see `dropoutKeeps`. */
export interface Dropout {
  /** The share of elements that become zero, 0 <= rate < 1; the rest is divided by 1 - rate. */
  readonly rate: number;
  /** An integer from 0 to 2^32 - 1. */
  readonly seed: number;
}

/** Attention with dropout on its weights, after the normalizer (Vaswani et al. 2017, section 5.4). Maps show weights without it. */
export interface TrainingAttentionOptions extends AttentionOptions {
  readonly dropout?: Dropout;
}

/** Gradients of attention; a row with no permitted key gives and gets zeros. */
export interface AttentionGradients {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  /** Of the tensor in `options.bias` (values, slopes or table), in its shape; null where there is no bias. */
  readonly bias: Tensor | null;
  /** Of the vector of an additive score [H, D]; null for dot. */
  readonly vector: Tensor | null;
}

/** A workspace that can also go backward. */
export interface TrainingWorkspace extends Workspace {
  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: TrainingAttentionOptions): Attended;
  /** x with elements dropped; its own gradient with the same seed: `dropout(dy, ...)`. */
  dropout(x: Tensor, dropout: Dropout): Tensor;
  /** Of the table [V, W] of `embed`, `tableRows` being V: rows of `dy` [P, T · W] summed by `ids` [P] or [P, T], T at least 1; ids outside 0 .. V - 1 add to nothing. */
  embedGradient(ids: Tensor<"i32">, dy: Tensor, tableRows: number): Tensor;
  /** Of x in x · weight: dy [P, O] · weightᵀ, [P, I]. */
  linearInputGradient(dy: Tensor, weight: Tensor): Tensor;
  /** Of the weight in x · weight: xᵀ · dy, [I, O]. */
  linearWeightGradient(x: Tensor, dy: Tensor): Tensor;
  /** Of x in act(x): dy · act′(x), elementwise; that of `relu` is 0 at 0. */
  activateGradient(x: Tensor, activation: Activation, dy: Tensor): Tensor;
  /** Of x [P, W], and the sums over rows that are those of `gain` and `bias` [W]. */
  layerNormGradient(
    x: Tensor,
    gain: Tensor,
    epsilon: number,
    dy: Tensor,
  ): { readonly x: Tensor; readonly gain: Tensor; readonly bias: Tensor };
  /** Of x and of `gain`. */
  rmsNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): { readonly x: Tensor; readonly gain: Tensor };
  /** Of x, from `y`, the result of `softmax` with the same options. */
  softmaxGradient(y: Tensor, dy: Tensor, options?: { readonly log?: boolean }): Tensor;
  /**
   * Of everything that `attention` read. `output` is its result and `dy` the gradient of that; `logSumExp` is its map of
   * that name for the softmax normalizer and null for the others. Weights are made again from the scores, so that memory
   * is linear in rows, and nothing is computed that the plan forbids; from float32 they come to a relative 2^-23 · |score|.
   * The normalizer `relu` has slope 0 at a score of 0; `hard` passes dy to the value that it chose and nothing to scores.
   */
  attentionGradient(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
    attended: { readonly output: Tensor; readonly logSumExp: Tensor | null },
    dy: Tensor,
  ): AttentionGradients;
  /** Of x in `pool`; the gradient of a maximum goes to the first row that has it. */
  poolGradient(x: Tensor, offsets: Int32Array, how: Pooling, dy: Tensor): Tensor;
  /** Of x [P, W] in `unfold`, `rows` being P, with windows [R, T] of at least one column: each row of the windows added to the row that it came from. */
  unfoldGradient(dy: Tensor, windows: Tensor<"i32">, rows: number): Tensor;
  /** Of x in `rotate`: turned back. */
  rotateGradient(dy: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor;
}

/** A backend whose workspaces can go backward. */
export interface TrainingBackend extends Backend {
  workspace(signal?: AbortSignal): TrainingWorkspace;
}

/**
 * Whether dropout keeps element `index`, an integer taken modulo 2^32: a hash of seed and index, the 32-bit mixer of
 * Wellons ("Prospecting for hash functions", 2018), compared with the rate. For attention the index of query row r (counted
 * through all sets), head h and key position j in its set is `attentionDropoutIndex(r, h, j)`.
 */
export function dropoutKeeps({ rate, seed }: Dropout, index: number): boolean {
  return mix((index ^ mix(seed)) >>> 0) >= rate * 2 ** 32;
}

/** See `dropoutKeeps`. An edge that appears twice is kept or dropped both times. */
export function attentionDropoutIndex(queryRow: number, head: number, key: number): number {
  return (mix((queryRow ^ mix(head)) >>> 0) + key) >>> 0;
}

/** The 32-bit mixer of `dropoutKeeps`. */
export function mix(value: number): number {
  let x = value;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
}
