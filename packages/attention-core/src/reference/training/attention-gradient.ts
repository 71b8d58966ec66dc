// Attention backward, a query row and head at a time: from the output to values and weights, through the normalizer to
// scores, and on to what scores are made of.

import type { AttentionNormalizer } from "../../backend.ts";
import type { CheckedAttention } from "../../check-attention.ts";
import type { AttentionPlan } from "../../plan.ts";
import { type AttentionInputs, normalize, pairsOf, readsValue, type WeightFactor } from "../attention.ts";
import type { AttendedRow } from "../attention-maps.ts";
import { scorer } from "../attention-score.ts";
import { type Floats, zeros } from "../floats.ts";
import { createScoreGradient, type ScoreGradients } from "./attention-score-gradient.ts";

/** Gradients in the shapes of what attention read; those of bias and vector are empty where there is none. */
export interface AttentionGradientValues extends ScoreGradients {
  readonly v: Float64Array;
}

/** Of all inputs, `dy` being [P, H · value width]. `factorOf` is what weights were multiplied by, as in `attention`. */
export function attentionGradient(
  inputs: AttentionInputs,
  plan: AttentionPlan,
  call: CheckedAttention,
  factorOf: WeightFactor | null,
  dy: Floats,
): AttentionGradientValues {
  const { N, H, kvHeads, valueWidth, normalizer } = call;
  const { v } = inputs;
  const score = scorer(inputs, plan, call);
  const scoreGradient = createScoreGradient(inputs, plan, call);
  const dv = zeros(v.length);
  for (let set = 0; set < N; set += 1) {
    for (let queryRow = plan.queryOffsets[set]!; queryRow < plan.queryOffsets[set + 1]!; queryRow += 1) {
      const pairs = pairsOf(plan, set, queryRow);
      for (let head = 0; head < H; head += 1) {
        const scores = pairs.map((pair) => score(pair, head));
        const row = normalize(
          scores.map(({ biased }) => biased),
          normalizer,
        );
        const valueHead = Math.floor((head * kvHeads) / H);
        const result = (queryRow * H + head) * valueWidth;
        const dWeights = pairs.map((pair, i) => {
          if (!readsValue(row, i, normalizer)) return 0;
          const factor = factorOf?.(pair, head) ?? 1;
          const value = (pair.keyRow * kvHeads + valueHead) * valueWidth;
          let sum = 0;
          for (let d = 0; d < valueWidth; d += 1) {
            sum += dy[result + d]! * v[value + d]!;
            dv[value + d]! += row.weights[i]! * factor * dy[result + d]!;
          }
          return factor * sum;
        });
        normalizeGradient(row, dWeights, normalizer).forEach((dScore, i) => {
          if (row.permitted[i]) scoreGradient.add(pairs[i]!, head, scores[i]!, dScore);
        });
      }
    }
  }
  return { ...scoreGradient.gradients, v: dv };
}

/** Of the scores, from that of the weights. */
function normalizeGradient(
  { scores, permitted, weights }: AttendedRow,
  dWeights: readonly number[],
  normalizer: AttentionNormalizer,
): readonly number[] {
  switch (normalizer) {
    case "softmax": {
      const mean = weights.reduce((sum, weight, i) => sum + weight * dWeights[i]!, 0);
      return weights.map((weight, i) => weight * (dWeights[i]! - mean));
    }
    case "relu": {
      const count = permitted.filter(Boolean).length;
      return scores.map((score, i) => (score <= 0 ? 0 : dWeights[i]! / count));
    }
    case "hard":
      // Which key is chosen does not change with a small change of the scores.
      return scores.map(() => 0);
    default:
      return normalizer satisfies never;
  }
}
