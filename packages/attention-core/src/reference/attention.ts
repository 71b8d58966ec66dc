// Attention in plain loops: the specification. A row is attended to pair by pair, each row and head on its own.

import type { AttentionNormalizer } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import { forEachKey } from "../plan-walk.ts";
import type { AttentionPlan } from "../plan.ts";
import { type AttendedRow, type AttentionMapValues, createMaps } from "./attention-maps.ts";
import { type Pair, type ScoreInputs, scorer } from "./attention-score.ts";
import { type Floats, zeros } from "./floats.ts";
import { exp, log } from "./functions.ts";

/** The arrays that attention reads: q [P, H · D], k [key rows, kvHeads · D] and v [key rows, kvHeads · value width]. */
export interface AttentionInputs extends ScoreInputs {
  readonly v: Floats;
}

/** What the weight of a pair is multiplied by before it meets the value: training drops some so. */
export type WeightFactor = (pair: Pair, head: number) => number;

/** Attends to [P, H · value width], and the maps that were asked for; those show weights without `factorOf`. */
export function attention(
  inputs: AttentionInputs,
  plan: AttentionPlan,
  call: CheckedAttention,
  factorOf: WeightFactor | null,
): { readonly output: Float64Array; readonly maps: AttentionMapValues } {
  const { N, P, H, kvHeads, valueWidth } = call;
  const { v } = inputs;
  const score = scorer(inputs, plan, call);
  const output = zeros(P * H * valueWidth);
  const maps = createMaps(plan, call, score);
  for (let set = 0; set < N; set += 1) {
    for (let queryRow = plan.queryOffsets[set]!; queryRow < plan.queryOffsets[set + 1]!; queryRow += 1) {
      const query = queryRow - plan.queryOffsets[set]!;
      const pairs = pairsOf(plan, set, queryRow);
      const heads: AttendedRow[] = [];
      for (let head = 0; head < H; head += 1) {
        const scores = pairs.map((pair) => score(pair, head).biased);
        const row = normalize(scores, call.normalizer);
        heads.push(row);
        const valueHead = Math.floor((head * kvHeads) / H);
        pairs.forEach((pair, i) => {
          if (!readsValue(row, i, call.normalizer)) return;
          const weight = row.weights[i]! * (factorOf?.(pair, head) ?? 1);
          const value = (pair.keyRow * kvHeads + valueHead) * valueWidth;
          const result = (queryRow * H + head) * valueWidth;
          for (let d = 0; d < valueWidth; d += 1) output[result + d]! += weight * v[value + d]!;
        });
      }
      maps.record(set, query, queryRow, pairs, heads);
    }
  }
  return { output, maps: maps.finish() };
}

/** The pairs of a query row, in the plan's order. */
export function pairsOf(plan: AttentionPlan, set: number, queryRow: number): readonly Pair[] {
  const query = queryRow - plan.queryOffsets[set]!;
  const firstKeyRow = plan.keyOffsets[set]!;
  const pairs: Pair[] = [];
  forEachKey(plan, queryRow, (key, edge) => pairs.push({ set, query, queryRow, key, keyRow: firstKeyRow + key, edge }));
  return pairs;
}

/** Whether pair i of a row meets its value; else it is skipped, not multiplied by 0: 0 · NaN is NaN. */
export function readsValue(row: AttendedRow, i: number, normalizer: AttentionNormalizer): boolean {
  return row.permitted[i]! && (normalizer !== "hard" || row.weights[i] !== 0);
}

/** The weights of scores. A score of -Infinity forbids its pair; with no permitted pair all weights are 0. */
export function normalize(scores: readonly number[], normalizer: AttentionNormalizer): AttendedRow {
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
