// Attention in plain loops: the specification. A row is attended to pair by pair, each row and head on its own.

import type { AttentionNormalizer } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import { forEachKey } from "../plan-walk.ts";
import type { AttentionPlan } from "../plan.ts";
import { type AttendedRow, type AttentionMapValues, createMaps } from "./attention-maps.ts";
import { type Pair, scorer } from "./attention-score.ts";
import { type Floats, zeros } from "./floats.ts";
import { exp, log } from "./functions.ts";

/**
 * q [P, H · D], k [key rows, kvHeads · D] and v [key rows, kvHeads · value width] to [P, H · value width] and the maps
 * that were asked for. `vector` is that of an additive score, `bias` the one tensor that a bias has.
 */
export function attention(
  q: Floats,
  k: Floats,
  v: Floats,
  vector: Floats | null,
  bias: Floats | null,
  plan: AttentionPlan,
  call: CheckedAttention,
): { readonly output: Float64Array; readonly maps: AttentionMapValues } {
  const { N, P, H, kvHeads, valueWidth } = call;
  const score = scorer(q, k, vector, bias, plan, call);
  const output = zeros(P * H * valueWidth);
  const maps = createMaps(plan, call, score);
  for (let set = 0; set < N; set += 1) {
    const firstKeyRow = plan.keyOffsets[set]!;
    for (let queryRow = plan.queryOffsets[set]!; queryRow < plan.queryOffsets[set + 1]!; queryRow += 1) {
      const query = queryRow - plan.queryOffsets[set]!;
      const pairs: Pair[] = [];
      forEachKey(plan, queryRow, (key, edge) =>
        pairs.push({ set, query, queryRow, key, keyRow: firstKeyRow + key, edge }),
      );
      const heads: AttendedRow[] = [];
      for (let head = 0; head < H; head += 1) {
        const scores = pairs.map((pair) => score(pair, head).biased);
        const row = normalize(scores, call.normalizer);
        heads.push(row);
        const valueHead = Math.floor((head * kvHeads) / H);
        pairs.forEach(({ keyRow }, i) => {
          // Skipped, not multiplied by 0: 0 · NaN is NaN.
          if (!row.permitted[i] || (call.normalizer === "hard" && row.weights[i] === 0)) return;
          const value = (keyRow * kvHeads + valueHead) * valueWidth;
          const result = (queryRow * H + head) * valueWidth;
          for (let d = 0; d < valueWidth; d += 1) output[result + d]! += row.weights[i]! * v[value + d]!;
        });
      }
      maps.record(set, query, queryRow, pairs, heads);
    }
  }
  return { output, maps: maps.finish() };
}

/** The weights of scores. A score of -Infinity forbids its pair; with no permitted pair all weights are 0. */
function normalize(scores: readonly number[], normalizer: AttentionNormalizer): AttendedRow {
  const permitted = scores.map((score) => score !== -Infinity);
  const largest = maximum(scores);
  switch (normalizer) {
    case "softmax": {
      if (largest === -Infinity) return { scores, permitted, weights: scores.map(() => 0), logSumExp: -Infinity };
      const exponentials = scores.map((score) => exp(score - largest));
      const sum = exponentials.reduce((total, exponential) => total + exponential, 0);
      return {
        scores,
        permitted,
        weights: exponentials.map((exponential) => exponential / sum),
        logSumExp: largest + log(sum),
      };
    }
    case "relu": {
      const count = permitted.filter(Boolean).length;
      return {
        scores,
        permitted,
        weights: scores.map((score) => (count === 0 ? 0 : Math.max(score, 0) / count)),
        logSumExp: NaN,
      };
    }
    case "hard": {
      // A NaN counts as the largest, and makes the row NaN as it would with the other normalizers.
      const first = scores.findIndex((score) => score === largest || Number.isNaN(score));
      const weight = Number.isNaN(largest) ? NaN : 1;
      return {
        scores,
        permitted,
        weights: scores.map((_, i) => (i === first && permitted[i] ? weight : 0)),
        logSumExp: NaN,
      };
    }
    default:
      return normalizer satisfies never;
  }
}

/** The largest score; NaN if one is NaN, -Infinity if there is none. */
function maximum(scores: readonly number[]): number {
  let largest = -Infinity;
  for (const score of scores) largest = Math.max(largest, score);
  return largest;
}
