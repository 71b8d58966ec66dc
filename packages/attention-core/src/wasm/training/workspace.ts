// The gradients as jobs over linear memory, beside the operations of inference: each checks its arguments, makes its
// results and queues its work.

import type { Activation, Attended, Pooling, RotationOptions } from "../../backend.ts";
import { checkPool, checkRotate } from "../../check-operation.ts";
import type { AttentionPlan } from "../../plan.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
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
  override attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: TrainingAttentionOptions): Attended {
    this.check();
    if (options.dropout === undefined || options.dropout.rate === 0) return super.attention(q, k, v, plan, options);
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
    return submitDropout(this, x, dropout);
  }

  embedGradient(ids: Tensor<"i32">, dy: Tensor, tableRows: number): Tensor {
    this.check();
    const count = sizeOf(ids.shape);
    return submitScatter(this, ids, dy, tableRows, sizeOf(dy.shape) / count, count);
  }

  linearInputGradient(dy: Tensor, weight: Tensor): Tensor {
    this.check();
    const [P, O] = dy.shape as readonly [number, number];
    const [I] = weight.shape as readonly [number, number];
    return submitLinearInputGradient(this, dy, weight, P, I, O);
  }

  linearWeightGradient(x: Tensor, dy: Tensor): Tensor {
    this.check();
    const [P, I] = x.shape as readonly [number, number];
    const [, O] = dy.shape as readonly [number, number];
    return submitLinearWeightGradient(this, x, dy, P, I, O);
  }

  activateGradient(x: Tensor, activation: Activation, dy: Tensor): Tensor {
    this.check();
    return submitActivateGradient(this, x, activation, dy);
  }

  layerNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): NormGradients {
    this.check();
    const [P, W] = x.shape as readonly [number, number];
    return submitNormGradient(this, "layerNormGradient", x, gain, epsilon, dy, { P, W });
  }

  rmsNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): Omit<NormGradients, "bias"> {
    this.check();
    const [P, W] = x.shape as readonly [number, number];
    return submitNormGradient(this, "rmsNormGradient", x, gain, epsilon, dy, { P, W });
  }

  softmaxGradient(y: Tensor, dy: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    this.check();
    const [P, W] = y.shape as readonly [number, number];
    return submitSoftmaxGradient(this, y, dy, { P, W }, options.log === true);
  }

  poolGradient(x: Tensor, offsets: Int32Array, how: Pooling, dy: Tensor): Tensor {
    this.check();
    return submitPoolGradient(this, x, offsets, how, dy, checkPool(x, offsets, how));
  }

  unfoldGradient(dy: Tensor, windows: Tensor<"i32">, rows: number): Tensor {
    this.check();
    const count = sizeOf(windows.shape);
    return submitScatter(this, windows, dy, rows, sizeOf(dy.shape) / count, count);
  }

  rotateGradient(dy: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    this.check();
    return submitRotate(this, dy, positions, cos, sin, checkRotate(dy, positions, cos, sin, options), -1);
  }
}
