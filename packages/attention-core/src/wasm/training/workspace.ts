// The gradients as jobs over linear memory, beside the operations of inference: each checks its arguments, makes its
// results and queues its work.

import type { Activation, Attended, Pooling, RotationOptions } from "../../backend.ts";
import {
  checkActivateGradient,
  checkDropout,
  checkEmbedGradient,
  checkLinearInputGradient,
  checkLinearWeightGradient,
  checkNormGradient,
  checkPoolGradient,
  checkRotateGradient,
  checkSoftmaxGradient,
  checkUnfoldGradient,
} from "../../check-training.ts";
import type { AttentionPlan } from "../../plan.ts";
import type { Tensor } from "../../tensor.ts";
import type { AttentionGradients, Dropout, TrainingAttentionOptions, TrainingWorkspace } from "../../training.ts";
import { submitRotate } from "../rows.ts";
import { ArenaWorkspace } from "../workspace.ts";
import { submitAttentionGradient, submitAttentionWithDropout } from "./attention-gradient.ts";
import { submitActivateGradient, submitDropout } from "./elementwise-gradient.ts";
import { submitLinearInputGradient, submitLinearWeightGradient } from "./linear-gradient.ts";
import { type NormGradients, submitNormGradient, submitSoftmaxGradient } from "./norm-gradient.ts";
import { submitPoolGradient } from "./pool-gradient.ts";
import { submitScatter } from "./scatter.ts";

/** A workspace that can also go backward. */
export class GradientWorkspace extends ArenaWorkspace implements TrainingWorkspace {
  override attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
  ): Attended {
    this.check();
    if (options.dropout === undefined) return super.attention(q, k, v, plan, options);
    return submitAttentionWithDropout(this, q, k, v, plan, options);
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
    return submitAttentionGradient(this, q, k, v, plan, options, attended, dy);
  }

  dropout(x: Tensor, dropout: Dropout): Tensor {
    this.check();
    checkDropout(x, dropout);
    return submitDropout(this, x, dropout);
  }

  embedGradient(ids: Tensor<"i32">, dy: Tensor, tableRows: number): Tensor {
    this.check();
    const { V, W, P, T } = checkEmbedGradient(ids, dy, tableRows);
    return submitScatter(this, ids, dy, V, W, P * T);
  }

  linearInputGradient(dy: Tensor, weight: Tensor): Tensor {
    this.check();
    const { P, I, O } = checkLinearInputGradient(dy, weight);
    return submitLinearInputGradient(this, dy, weight, P, I, O);
  }

  linearWeightGradient(x: Tensor, dy: Tensor): Tensor {
    this.check();
    const { P, I, O } = checkLinearWeightGradient(x, dy);
    return submitLinearWeightGradient(this, x, dy, P, I, O);
  }

  activateGradient(x: Tensor, activation: Activation, dy: Tensor): Tensor {
    this.check();
    checkActivateGradient(x, activation, dy);
    return submitActivateGradient(this, x, activation, dy);
  }

  layerNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): NormGradients {
    this.check();
    const sizes = checkNormGradient("layerNormGradient", x, gain, epsilon, dy);
    return submitNormGradient(this, "layerNormGradient", x, gain, epsilon, dy, sizes);
  }

  rmsNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): Omit<NormGradients, "bias"> {
    this.check();
    const sizes = checkNormGradient("rmsNormGradient", x, gain, epsilon, dy);
    return submitNormGradient(this, "rmsNormGradient", x, gain, epsilon, dy, sizes);
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
    return submitRotate(this, dy, positions, cos, sin, checkRotateGradient(dy, positions, cos, sin, options), -1);
  }
}
