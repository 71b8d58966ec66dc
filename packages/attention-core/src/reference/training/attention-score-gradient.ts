// A score backward, in the reverse of the order of `attention-score.ts`: bias, softcap, scale, product.

import type { CheckedAttention } from "../../check-attention.ts";
import type { AttentionPlan } from "../../plan.ts";
import { biasTerms, type Pair, type Score, type ScoreInputs } from "../attention-score.ts";
import { zeros } from "../floats.ts";
import { tanh } from "../functions.ts";

/** Gradients in the shapes of what scores are made from; those of bias and vector are empty where there is none. */
export interface ScoreGradients {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly bias: Float64Array;
  readonly vector: Float64Array;
}

/** Sums over pairs: `add` once for each pair and head, `score` being its score and `dScore` the gradient of that. */
export interface ScoreGradient {
  readonly gradients: ScoreGradients;
  add(pair: Pair, head: number, score: Score, dScore: number): void;
}

/** Sums that start from zero. */
export function createScoreGradient(inputs: ScoreInputs, plan: AttentionPlan, call: CheckedAttention): ScoreGradient {
  const { q, k, vector } = inputs;
  const { H, kvHeads, D, scale, softcap, score, slope } = call;
  const termOf = call.bias === null ? null : biasTerms(call.bias, plan);
  const gradients: ScoreGradients = {
    q: zeros(q.length),
    k: zeros(k.length),
    bias: zeros(inputs.bias?.length ?? 0),
    vector: zeros(vector?.length ?? 0),
  };
  const act =
    score.kind === "additive" && score.activation === "tanh"
      ? tanhWithSlope
      : (x: number) => leakyReluWithSlope(x, slope);

  return {
    gradients,
    add(pair, head, { capped }, dScore) {
      if (termOf !== null) {
        const { place, factor } = termOf(pair, head);
        gradients.bias[place]! += factor * dScore;
      }
      const dScaled = softcap > 0 ? dScore * (1 - (capped / softcap) ** 2) : dScore;
      const dSum = scale * dScaled;
      // A softcap can make a number of an infinite product, and 0 · Infinity is NaN.
      if (dSum === 0) return;
      const keyHead = Math.floor((head * kvHeads) / H);
      const query = (pair.queryRow * H + head) * D;
      const key = (pair.keyRow * kvHeads + keyHead) * D;
      for (let d = 0; d < D; d += 1) {
        if (vector === null) {
          gradients.q[query + d]! += dSum * k[key + d]!;
          gradients.k[key + d]! += dSum * q[query + d]!;
        } else {
          const [value, valueSlope] = act(q[query + d]! + k[key + d]!);
          const dInner = dSum * vector[head * D + d]! * valueSlope;
          gradients.vector[head * D + d]! += dSum * value;
          gradients.q[query + d]! += dInner;
          gradients.k[key + d]! += dInner;
        }
      }
    },
  };
}

function tanhWithSlope(x: number): readonly [value: number, slope: number] {
  const y = tanh(x);
  return [y, 1 - y * y];
}

function leakyReluWithSlope(x: number, slope: number): readonly [value: number, slope: number] {
  return x < 0 ? [slope * x, slope] : [x, 1];
}
