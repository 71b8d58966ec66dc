// What a tape is to those who write models and losses.

import type { Attended, AttentionPlan, Tensor, TrainingAttentionOptions, Workspace } from "@saccade/attention-core";

/** The gradient of a loss with respect to a tensor, in its shape, where going back starts. */
export interface GradientRoot {
  readonly tensor: Tensor;
  readonly gradient: Float32Array;
}

/** Gradients by the handle that they belong to: of parameters, and of what was watched. Tensors of the workspace's device, read by the tape. */
export type Gradients = ReadonlyMap<Tensor, Tensor>;

/**
 * A workspace of a differentiable backend. A recording one remembers what leads from parameters to its results, and
 * keeps alive what it needs to go back, even if a layer disposes it. One that does not record runs as any workspace.
 */
export interface Tape extends Workspace {
  /** Whether operations are remembered and dropout drops: true in training, false in use. */
  readonly recording: boolean;
  /** As in any workspace; dropout on its weights, if given here or for the whole tape, acts while recording. Maps have no gradient. */
  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: TrainingAttentionOptions): Attended;
  /**
   * x with a share `rate` of its elements dropped, 0 <= rate < 1, the rest divided by 1 - rate; x itself under another
   * handle where the tape does not record. Which are dropped follows from the tape's seed and the number of the call.
   */
  dropout(x: Tensor, rate: number): Tensor;
  /** Asks for the gradient of x, such as an input that was uploaded; before x is used. Returns x. */
  watch(x: Tensor): Tensor;
  /**
   * Walks back from `roots`, once: frees what was recorded on the way, and returns the gradients of all parameters and
   * watched tensors that the roots depend on. Checkpoints on the way, and so rejects with the reason of an aborted
   * signal. Throws `RangeError` for a gradient that is not of its tensor's shape, `TypeError` if the tape does not record.
   */
  backward(roots: readonly GradientRoot[]): Promise<Gradients>;
}
