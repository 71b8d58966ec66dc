// The gradients as jobs over linear memory, beside the operations of inference: each checks its arguments, makes its
// results and queues its work.

import type { Attended } from "../../backend.ts";
import type { AttentionPlan } from "../../plan.ts";
import type { Tensor } from "../../tensor.ts";
import type { AttentionGradients, TrainingAttentionOptions } from "../../training.ts";
import { ArenaWorkspace } from "../workspace.ts";
import { submitAttentionGradient, submitAttentionWithDropout } from "./attention-gradient.ts";
import { submitLinearInputGradient, submitLinearWeightGradient } from "./linear-gradient.ts";

/** A workspace that can also go backward. */
export class GradientWorkspace extends ArenaWorkspace {
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
}
