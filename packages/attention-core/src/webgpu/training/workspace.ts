// The gradients as work of a queue, beside the operations of inference: each checks its arguments, makes its results and
// pushes its work.

import type { Activation, Attended, Pooling, RotationOptions } from "../../backend.ts";
import {
  checkActivateGradient,
  checkAttentionGradient,
  checkDropout,
  checkEmbedGradient,
  checkLinearInputGradient,
  checkLinearWeightGradient,
  checkNormGradient,
  checkPoolGradient,
  checkRotateGradient,
  checkSoftmaxGradient,
  checkTrainingAttention,
  checkUnfoldGradient,
} from "../../check-training.ts";
import { dispose } from "../../disposal.ts";
import type { AttentionPlan } from "../../plan.ts";
import type { DType, Tensor } from "../../tensor.ts";
import type { AttentionGradients, Dropout, TrainingAttentionOptions, TrainingWorkspace } from "../../training.ts";
import { GpuWorkspace } from "../workspace.ts";
import { submitAttentionGradient } from "./attention-gradient.ts";
import { submitDroppedAttention } from "./dropped-attention.ts";
import { submitActivateGradient, submitDropout, submitNegated } from "./elementwise-gradient.ts";
import { submitTransposed, submitWeightGradient } from "./linear-gradient.ts";
import { type NormGradients, submitNormGradient, submitSoftmaxGradient } from "./norm-gradient.ts";
import { layOutTiles, type PlanTiles } from "./plan-tiles.ts";
import { submitPoolGradient } from "./pool-gradient.ts";
import { submitScatter } from "./scatter.ts";
import type { TrainingHost } from "./training-host.ts";

/** A workspace that can also go backward. */
export class GpuTrainingWorkspace extends GpuWorkspace implements TrainingWorkspace, TrainingHost {
  readonly #tiles = new Map<AttentionPlan, PlanTiles>();

  override attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
  ): Attended {
    this.check();
    const call = checkTrainingAttention(q, k, v, plan, options);
    const attend = (settings: TrainingAttentionOptions): Attended => super.attention(q, k, v, plan, settings);
    if (call.dropout === null) return attend(options);
    return submitDroppedAttention(this, { q, k, v, plan, call }, options, attend);
  }

  attentionGradient(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
    attended: { readonly output: Tensor; readonly logSumExp: Tensor | null },
    dy: Tensor,
  ): AttentionGradients {
    this.check();
    const call = checkAttentionGradient(q, k, v, plan, options, attended, dy);
    return submitAttentionGradient(this, { q, k, v, plan, call }, attended, dy);
  }

  dropout(x: Tensor, dropout: Dropout): Tensor {
    this.check();
    return submitDropout(this, x, dropout, checkDropout(x, dropout).size);
  }

  embedGradient(ids: Tensor<"i32">, dy: Tensor, tableRows: number): Tensor {
    this.check();
    const { V, W, P, T } = checkEmbedGradient(ids, dy, tableRows);
    return submitScatter(this, ids, dy, V, W, P * T);
  }

  linearInputGradient(dy: Tensor, weight: Tensor): Tensor {
    this.check();
    const { I, O } = checkLinearInputGradient(dy, weight);
    // The buffer of dy is asked for before anything is made: it may be disposed.
    this.buffer(dy);
    const transposed = submitTransposed(this, weight, I, O);
    const dx = this.linear(dy, transposed);
    transposed[dispose]();
    return dx;
  }

  linearWeightGradient(x: Tensor, dy: Tensor): Tensor {
    this.check();
    return submitWeightGradient(this, x, dy, checkLinearWeightGradient(x, dy));
  }

  activateGradient(x: Tensor, activation: Activation, dy: Tensor): Tensor {
    this.check();
    return submitActivateGradient(this, x, activation, dy, checkActivateGradient(x, activation, dy).size);
  }

  layerNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): NormGradients {
    this.check();
    const sizes = checkNormGradient("layerNormGradient", x, gain, epsilon, dy);
    return submitNormGradient(this, "layerNorm", x, gain, epsilon, dy, sizes);
  }

  rmsNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): Omit<NormGradients, "bias"> {
    this.check();
    const sizes = checkNormGradient("rmsNormGradient", x, gain, epsilon, dy);
    const { bias, ...gradients } = submitNormGradient(this, "rmsNorm", x, gain, epsilon, dy, sizes);
    bias[dispose]();
    return gradients;
  }

  softmaxGradient(y: Tensor, dy: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    this.check();
    return submitSoftmaxGradient(this, y, dy, checkSoftmaxGradient(y, dy), options.log === true);
  }

  poolGradient(x: Tensor, offsets: Int32Array, how: Pooling, dy: Tensor): Tensor {
    this.check();
    return submitPoolGradient(this, x, offsets, how, dy, checkPoolGradient(x, offsets, how, dy));
  }

  unfoldGradient(dy: Tensor, windows: Tensor<"i32">, rows: number): Tensor {
    this.check();
    const { P, W, R, T } = checkUnfoldGradient(dy, windows, rows);
    return submitScatter(this, windows, dy, P, W, R * T);
  }

  rotateGradient(dy: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    this.check();
    checkRotateGradient(dy, positions, cos, sin, options);
    for (const each of [dy, positions, cos]) this.buffer(each as Tensor<DType>);
    const opposite = submitNegated(this, sin);
    const dx = this.rotate(dy, positions, cos, opposite, options);
    opposite[dispose]();
    return dx;
  }

  tiles(plan: AttentionPlan): PlanTiles {
    let tiles = this.#tiles.get(plan);
    if (tiles === undefined) {
      tiles = layOutTiles(this, plan);
      this.#tiles.set(plan, tiles);
    }
    return tiles;
  }
}
