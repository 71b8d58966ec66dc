// The contract between the core and a device: a closed, small set of operations on rows. A backend knows numbers
// and memory; it knows nothing of models, modalities or files. `reference/` is its specification in plain loops,
// and `@saccade/conformance` holds any implementation against it.
//
// Work is submitted at once and in order; an operation checks its arguments when it is called and may compute
// later. `checkpoint` and `read` drive the work. Values that are asked for come back through `read` alone.
//
// Every row operation takes x as [P, W]: rows of all sets one after another (see `ragged.ts`).

import type { AttentionPattern } from "./pattern.ts";
import type { AttentionPlan } from "./plan.ts";
import type { DType, DTypeOf, Shape, Tensor, Values } from "./tensor.ts";

/** Elementwise functions that may follow `linear`; `gelu` is exact (erf), `geluTanh` its usual approximation; `elu` is x, or eˣ - 1 below 0. */
export type Activation = "gelu" | "geluTanh" | "relu" | "silu" | "tanh" | "sigmoid" | "elu";

/** How `pool` brings the rows of a set down to one. An empty set gives zeros, whichever is chosen. */
export type Pooling = "mean" | "max" | "first" | "sum";

/** What a device can hold. */
export interface BackendLimits {
  /** The largest single tensor, in bytes. */
  readonly maxBufferBytes: number;
  readonly dtypes: readonly DType[];
}

/** A device that runs the operations of a `Workspace`. Disposing it frees everything that was made through it. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  /** Why it is less than was asked for, fewer threads for instance; null or left out where it is not. */
  readonly reason?: string | null;
  readonly limits: BackendLimits;
  /** Settles with the reason when the device is gone; never rejects. Pending and later calls throw `DeviceLostError`. */
  readonly lost: Promise<string>;
  /**
   * Copies values to the device, to stay until the tensor is disposed: weights. Throws `RangeError` if the number
   * of values is not that of `shape`, `OutOfMemoryError` if they do not fit.
   */
  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>>;
  /**
   * Compiles `pattern` for a batch: `queries` and `keys` are the row offsets [N + 1] of the sets. Throws
   * `RangeError` for offsets or patterns that do not fit one another. See `compilePlan`.
   */
  plan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan;
  /** Opens an arena for one batch. When `signal` aborts, `checkpoint` and `read` reject with its reason. */
  workspace(signal?: AbortSignal): Workspace;
}

/** How two rows become a score. */
export type AttentionScore =
  /** scale · q·k */
  | { readonly kind: "dot" }
  /**
   * scale · aᵀ act(q + k), `vector` a being [H, D]: tanh is the additive score of Bahdanau et al. (2015), leaky ReLU
   * that of GATv2 (Brody et al. 2022), and of GAT (Veličković et al. 2018) with D = 1. `slope` is that of the leaky
   * ReLU, 0.2 by default. The default scale is 1.
   */
  | {
      readonly kind: "additive";
      readonly vector: Tensor;
      readonly activation: "tanh" | "leakyRelu";
      readonly slope?: number;
    };

/**
 * What turns scores into weights: `softmax`; `relu`, max(score, 0) over the number of permitted keys (Wortsman et al.
 * 2023); `hard`, the largest score alone, the first of equals; a NaN among the permitted ones makes the row NaN.
 *
 * A score that ends as -Infinity, whatever made it so, forbids its pair: the value is not read and `relu` does not
 * count the key; a row of such scores alone is zeros. A permitted key of weight 0 still multiplies its value, and 0 ·
 * Infinity is NaN; `hard` reads the value that it chose and no other.
 */
export type AttentionNormalizer = "softmax" | "relu" | "hard";

/**
 * Added to scores after scale and softcap. A bias of -Infinity forbids the pair, even where the score is NaN. Distances
 * are key minus aligned query, by the default alignment (keys minus queries of the set) whatever the pattern's offset.
 */
export type AttentionBias =
  /** A value per pair: for each set in turn [H, queries, keys], or [1, queries, keys] for all heads; a flat tensor. */
  | { readonly kind: "dense"; readonly values: Tensor; readonly heads: number }
  /** A value per edge and head, [E, H] or [E, 1], for plans over neighbours. */
  | { readonly kind: "edges"; readonly values: Tensor }
  /** -slope · |distance|, `slopes` [H] (Press et al. 2022). */
  | { readonly kind: "alibi"; readonly slopes: Tensor }
  /** `table` [H, 2R + 1]: its entry at distance + R, distances beyond ±R cut to it (Shaw et al. 2018, scalar form). */
  | { readonly kind: "relative"; readonly table: Tensor }
  /**
   * Positions on a grid of `columns`: `table` [H, (2Y + 1)(2X + 1)], entry (row distance + Y)(2X + 1) + column
   * distance + X, each cut to its range (Liu et al. 2021).
   */
  | {
      readonly kind: "relative2d";
      readonly table: Tensor;
      readonly columns: number;
      readonly reach: readonly [y: number, x: number];
    };

/**
 * Which maps to return with the output. Each costs memory in proportion to its own size, never queries × keys. An edge
 * that appears twice has a weight each time: `rows`, `columnSums` and `full` hold their sum, `topK` may name the key twice.
 */
export interface MapRequest {
  /** Mean over heads instead of one map per head, for `rows`, `topK`, `columnSums`, `edges` and `full`. */
  readonly meanOverHeads?: boolean;
  /** Weights of these query rows (counted through all sets): for each row in turn [H, keys of its set]. */
  readonly rows?: Int32Array;
  /** The k largest weights of each query row, largest first, equals in the plan's order. With the mean over heads a key counts that any head permits. */
  readonly topK?: number;
  /** For each key row, the sum of its weights over the queries: [key rows, H]. */
  readonly columnSums?: boolean;
  /** -Σ w ln w per query row and head, in nats, never a mean: [P, H]. Softmax only. */
  readonly entropy?: boolean;
  /** ln Σ exp(score) per query row and head, never a mean: [P, H]; -Infinity for a row with no permitted key. Softmax only. */
  readonly logSumExp?: boolean;
  /** The weight of each edge in the pattern's order: [E, H]. Plans over neighbours only; 0 for an edge left out. */
  readonly edges?: boolean;
  /**
   * Everything: for each set in turn [H, queries, keys], flat. `weights` after the normalizer (0 where forbidden);
   * `scores` after scale and `capped` after softcap, of every dense pair whatever the pattern; `biased` after the bias,
   * -Infinity where the pattern forbids.
   */
  readonly full?: "weights" | "scores" | "capped" | "biased";
}

/** The maps that were asked for; H is 1 where the mean over heads was. */
export interface AttentionMaps {
  readonly rows?: Tensor;
  /** Key positions in the query's set [P, H, k] and their weights [P, H, k]; -1 and 0 where a row has fewer than k keys. */
  readonly topK?: { readonly keys: Tensor<"i32">; readonly weights: Tensor };
  readonly columnSums?: Tensor;
  readonly entropy?: Tensor;
  readonly logSumExp?: Tensor;
  readonly edges?: Tensor;
  readonly full?: Tensor;
}

/** How to attend. */
export interface AttentionOptions {
  /** Query heads H: q is [P, H · D]. */
  readonly heads: number;
  /** Key and value heads, a divisor of `heads` (default: equal); query head h reads key head floor(h · kvHeads / heads). */
  readonly kvHeads?: number;
  /** Default 1 / √D for dot, 1 for additive. */
  readonly scale?: number;
  /** c > 0 turns a score s into c · tanh(s / c), before bias and mask; 0 (default) leaves it. */
  readonly softcap?: number;
  /** Default dot. */
  readonly score?: AttentionScore;
  /** Default softmax. */
  readonly normalizer?: AttentionNormalizer;
  readonly bias?: AttentionBias;
  readonly maps?: MapRequest;
}

/** What attention returns. */
export interface Attended {
  /** [P, H · width of a value head]; a row with no permitted key is zeros. */
  readonly output: Tensor;
  readonly maps: AttentionMaps;
}

/** How `rotate` pairs columns: the two halves of a head (default), or neighbours. */
export interface RotationOptions {
  readonly heads: number;
  /** Pairs (2i, 2i + 1) instead of (i, i + half). */
  readonly interleaved?: boolean;
  /** Leading columns of each head that turn; the rest stays. Default: all. */
  readonly width?: number;
}

/**
 * An arena: the operations, and the memory of what they make, which goes when the workspace is disposed. Reads that
 * were called before still settle. It takes tensors of its own and those that were uploaded to its backend or kept.
 * All methods throw `TypeError` or `RangeError` at the call for arguments that do not fit, and `OutOfMemoryError` when
 * the result does not fit.
 */
export interface Workspace extends Disposable {
  /** Copies values in, for this batch. */
  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>>;
  /** Rows of `table` [V, W] at `ids` [P] (i32): [P, W]; of ids [P, T] the rows side by side: [P, T · W]. An id outside 0 .. V - 1 gives zeros. */
  embed(table: Tensor, ids: Tensor<"i32">): Tensor;
  /** act(x · weight + bias): x [P, I], `weight` [I, O], `bias` [O]; returns [P, O]. */
  linear(x: Tensor, weight: Tensor, bias?: Tensor | null, activation?: Activation | null): Tensor;
  /** act(x), elementwise. */
  activate(x: Tensor, activation: Activation): Tensor;
  /** a + b; b has the shape of a, or is [W] and added to each row. */
  add(a: Tensor, b: Tensor): Tensor;
  /** a · b elementwise; shapes as in `add`. */
  multiply(a: Tensor, b: Tensor): Tensor;
  /** (x - mean) / √(variance + epsilon) · gain + bias over each row; `gain` and `bias` are [W]. */
  layerNorm(x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor;
  /** x / √(mean of squares + epsilon) · gain over each row; `gain` is [W]. */
  rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor;
  /** Softmax of each row, or its logarithm; a row of -Infinity alone is NaN, since here nothing is forbidden. */
  softmax(x: Tensor, options?: { readonly log?: boolean }): Tensor;
  /** See `AttentionOptions`. q is [P, H · D], k [key rows, kvHeads · D], v [key rows, kvHeads · width of a value head]. */
  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: AttentionOptions): Attended;
  /** One row per set: x [P, W], `offsets` [N + 1]; returns [N, W]. */
  pool(x: Tensor, offsets: Int32Array, how: Pooling): Tensor;
  /**
   * Rows side by side: row r of the result is rows `windows[r, 0 .. T)` of x, zeros for an entry outside 0 .. P - 1:
   * [R, T · W]. With `linear` after it a convolution; see `windows.ts`.
   */
  unfold(x: Tensor, windows: Tensor<"i32">): Tensor;
  /**
   * Rotary positions (Su et al. 2021; ONNX RotaryEmbedding): turns each head's column pair i of row r by the angle
   * whose cosine and sine stand in row `positions[r]` of `cos` and `sin` [rows, half of the turning width]. A position
   * outside the tables gives zeros in the turning columns.
   */
  rotate(x: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor;
  /** Columns side by side: all parts have P rows; returns [P, ΣW]. */
  concatenate(parts: readonly Tensor[]): Tensor;
  /** Columns `from .. to)` of x: [P, to - from]. */
  slice(x: Tensor, from: number, to: number): Tensor;
  /** Sets end to end: set n of the result is set n of each part in turn. A key/value cache grows so. */
  append(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): Tensor;
  /** The same values under another shape of the same size; no copy. The view holds the memory until it is disposed too. */
  reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D>;
  /**
   * The values, copied out once they are computed. What is read is what x holds at the call, even if the workspace is
   * disposed at once. With `into`, an array of as many values, they are written there and it is what comes back: a loop
   * over batches then makes no garbage. Its values are undefined until the promise settles, and after a rejection.
   */
  read<D extends DType>(x: Tensor<D>, into?: Values<D>): Promise<Values<D>>;
  /** A copy of x that outlives the workspace, until it is disposed itself. */
  keep<D extends DType>(x: Tensor<D>): Tensor<D>;
  /** Resolves when all work submitted so far has run; yields to the event loop on the way, rejects when aborted. */
  checkpoint(): Promise<void>;
}
