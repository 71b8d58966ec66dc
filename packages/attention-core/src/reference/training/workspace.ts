// The gradients of a workspace, beside its operations: arguments are checked, arrays taken out of tensors, and the loops
// run at the call.

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
import type { AttentionPlan } from "../../plan.ts";
import type { Tensor } from "../../tensor.ts";
import type { AttentionGradients, Dropout, TrainingAttentionOptions, TrainingWorkspace } from "../../training.ts";
import { ReferenceWorkspace, tensorOfBias } from "../workspace.ts";
import { attentionGradient } from "./attention-gradient.ts";
import { dropout as drop, dropoutFactor } from "./dropout.ts";
import { activateGradient } from "./elementwise-gradient.ts";
import { linearInputGradient, linearWeightGradient } from "./linear-gradient.ts";
import { layerNormGradient, rmsNormGradient } from "./norm-gradient.ts";
import { poolGradient } from "./pool-gradient.ts";
import { rotateGradient } from "./rotate-gradient.ts";
import { addRows } from "./scatter.ts";
import { softmaxGradient } from "./softmax-gradient.ts";

/** A workspace that can also go backward. */
export class ReferenceTrainingWorkspace extends ReferenceWorkspace implements TrainingWorkspace {
  override attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
  ): Attended {
    const call = checkTrainingAttention(q, k, v, plan, options);
    return this.attend(q, k, v, plan, call, dropoutFactor(call.dropout));
  }

  /** What `attended` holds is made again from the scores, in full precision. */
  attentionGradient(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
    attended: { readonly output: Tensor; readonly logSumExp: Tensor | null },
    dy: Tensor,
  ): AttentionGradients {
    const operation = "attentionGradient";
    const call = checkAttentionGradient(q, k, v, plan, options, attended, dy);
    this.values(operation, "output", attended.output);
    if (attended.logSumExp !== null) this.values(operation, "logSumExp", attended.logSumExp);
    const inputs = this.attentionInputs(operation, q, k, v, call);
    const gradients = attentionGradient(
      inputs,
      plan,
      call,
      dropoutFactor(call.dropout),
      this.values(operation, "dy", dy),
    );
    const { bias, score } = call;
    return {
      q: this.arena.result(gradients.q, q.shape),
      k: this.arena.result(gradients.k, k.shape),
      v: this.arena.result(gradients.v, v.shape),
      bias: bias === null ? null : this.arena.result(gradients.bias, tensorOfBias(bias).shape),
      vector: score.kind === "dot" ? null : this.arena.result(gradients.vector, score.vector.shape),
    };
  }

  dropout(x: Tensor, dropout: Dropout): Tensor {
    checkDropout(x, dropout);
    return this.arena.result(drop(this.values("dropout", "x", x), dropout), x.shape);
  }

  embedGradient(ids: Tensor<"i32">, dy: Tensor, tableRows: number): Tensor {
    const { V, W } = checkEmbedGradient(ids, dy, tableRows);
    const rows = addRows(this.values("embedGradient", "dy", dy), this.values("embedGradient", "ids", ids), V, W);
    return this.arena.result(rows, [V, W]);
  }

  linearInputGradient(dy: Tensor, weight: Tensor): Tensor {
    const operation = "linearInputGradient";
    const size = checkLinearInputGradient(dy, weight);
    const dx = linearInputGradient(this.values(operation, "dy", dy), this.values(operation, "weight", weight), size);
    return this.arena.result(dx, [size.P, size.I]);
  }

  linearWeightGradient(x: Tensor, dy: Tensor): Tensor {
    const operation = "linearWeightGradient";
    const size = checkLinearWeightGradient(x, dy);
    const dWeight = linearWeightGradient(this.values(operation, "x", x), this.values(operation, "dy", dy), size);
    return this.arena.result(dWeight, [size.I, size.O]);
  }

  activateGradient(x: Tensor, activation: Activation, dy: Tensor): Tensor {
    const operation = "activateGradient";
    checkActivateGradient(x, activation, dy);
    const dx = activateGradient(this.values(operation, "x", x), activation, this.values(operation, "dy", dy));
    return this.arena.result(dx, x.shape);
  }

  layerNormGradient(
    x: Tensor,
    gain: Tensor,
    epsilon: number,
    dy: Tensor,
  ): { readonly x: Tensor; readonly gain: Tensor; readonly bias: Tensor } {
    const operation = "layerNormGradient";
    const size = checkNormGradient(operation, x, gain, epsilon, dy);
    const gradients = layerNormGradient(
      this.values(operation, "x", x),
      this.values(operation, "gain", gain),
      epsilon,
      this.values(operation, "dy", dy),
      size,
    );
    return {
      x: this.arena.result(gradients.x, x.shape),
      gain: this.arena.result(gradients.gain, gain.shape),
      bias: this.arena.result(gradients.bias, gain.shape),
    };
  }

  rmsNormGradient(x: Tensor, gain: Tensor, epsilon: number, dy: Tensor): { readonly x: Tensor; readonly gain: Tensor } {
    const operation = "rmsNormGradient";
    const size = checkNormGradient(operation, x, gain, epsilon, dy);
    const gradients = rmsNormGradient(
      this.values(operation, "x", x),
      this.values(operation, "gain", gain),
      epsilon,
      this.values(operation, "dy", dy),
      size,
    );
    return { x: this.arena.result(gradients.x, x.shape), gain: this.arena.result(gradients.gain, gain.shape) };
  }

  softmaxGradient(y: Tensor, dy: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    const operation = "softmaxGradient";
    const size = checkSoftmaxGradient(y, dy);
    const values = this.values(operation, "y", y);
    const dx = softmaxGradient(values, this.values(operation, "dy", dy), options.log ?? false, size);
    return this.arena.result(dx, y.shape);
  }

  poolGradient(x: Tensor, offsets: Int32Array, how: Pooling, dy: Tensor): Tensor {
    const operation = "poolGradient";
    const size = checkPoolGradient(x, offsets, how, dy);
    const dx = poolGradient(this.values(operation, "x", x), offsets, how, this.values(operation, "dy", dy), size);
    return this.arena.result(dx, x.shape);
  }

  unfoldGradient(dy: Tensor, windows: Tensor<"i32">, rows: number): Tensor {
    const operation = "unfoldGradient";
    const { P, W } = checkUnfoldGradient(dy, windows, rows);
    const dx = addRows(this.values(operation, "dy", dy), this.values(operation, "windows", windows), P, W);
    return this.arena.result(dx, [P, W]);
  }

  rotateGradient(dy: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    const operation = "rotateGradient";
    const size = checkRotateGradient(dy, positions, cos, sin, options);
    const dx = rotateGradient(
      this.values(operation, "dy", dy),
      this.values(operation, "positions", positions),
      this.values(operation, "cos", cos),
      this.values(operation, "sin", sin),
      size,
    );
    return this.arena.result(dx, dy.shape);
  }
}
