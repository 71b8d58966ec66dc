// What the weights of attention come to, for those who ask to see them: gathered row by row while attention runs.

import type { CheckedAttention } from "../check-attention.ts";
import type { AttentionPlan } from "../plan.ts";
import { setOfRow } from "../ragged.ts";
import { type Pair, pairsBefore, type Score } from "./attention-score.ts";
import { zeros } from "./floats.ts";
import { log } from "./functions.ts";

/** What one query row and head came to; the arrays go along the row's pairs. */
export interface AttendedRow {
  readonly scores: readonly number[];
  /** False where the bias, or a score of -Infinity, forbids the pair. */
  readonly permitted: readonly boolean[];
  readonly weights: readonly number[];
  /** NaN for normalizers other than softmax. */
  readonly logSumExp: number;
}

/** The maps that were asked for, as arrays; `AttentionMaps` gives their shapes. */
export interface AttentionMapValues {
  readonly rows: Float64Array | null;
  readonly topK: { readonly keys: Int32Array; readonly weights: Float64Array } | null;
  readonly columnSums: Float64Array | null;
  readonly entropy: Float64Array | null;
  readonly logSumExp: Float64Array | null;
  readonly edges: Float64Array | null;
  readonly full: Float64Array | null;
}

/** Gathers the maps: `record` once per query row, then `finish`. */
export interface MapRecorder {
  record(set: number, query: number, queryRow: number, pairs: readonly Pair[], heads: readonly AttendedRow[]): void;
  finish(): AttentionMapValues;
}

/** A recorder for the maps of `call`. */
export function createMaps(
  plan: AttentionPlan,
  call: CheckedAttention,
  score: (pair: Pair, head: number) => Score,
): MapRecorder {
  const { P, H, keyRows, maps: asked } = call;
  const mapHeads = asked.heads;
  const edgeCount = plan.form.kind === "edges" ? plan.form.edgeCount : 0;
  const rows = asked.rows === null ? null : zeros(asked.rowsSize);
  const topK =
    asked.topK === 0
      ? null
      : { keys: new Int32Array(P * mapHeads * asked.topK).fill(-1), weights: zeros(P * mapHeads * asked.topK) };
  const columnSums = asked.columnSums ? zeros(keyRows * mapHeads) : null;
  const entropy = asked.entropy ? zeros(P * H) : null;
  const logSumExp = asked.logSumExp ? zeros(P * H) : null;
  const edges = asked.edges ? zeros(edgeCount * mapHeads) : null;
  const full = asked.full === null ? null : zeros(asked.fullSize);
  if (asked.full === "biased") full?.fill(-Infinity);

  const firstPairs = pairsBefore(plan);
  const keysOf = (set: number): number => plan.keyOffsets[set + 1]! - plan.keyOffsets[set]!;
  const queriesOf = (set: number): number => plan.queryOffsets[set + 1]! - plan.queryOffsets[set]!;
  const placesOfRows = placeRows(plan, asked.rows, mapHeads);

  const recordFull = (
    set: number,
    query: number,
    queryRow: number,
    pairs: readonly Pair[],
    heads: readonly AttendedRow[],
  ): void => {
    if (full === null) return;
    const keys = keysOf(set);
    for (let head = 0; head < mapHeads; head += 1) {
      const first = mapHeads * firstPairs[set]! + (head * queriesOf(set) + query) * keys;
      if (asked.full === "weights") {
        pairs.forEach(({ key }, i) => {
          full[first + key]! += heads[head]!.weights[i]!;
        });
      } else if (asked.full === "biased") {
        pairs.forEach(({ key }, i) => {
          full[first + key] = heads[head]!.scores[i]!;
        });
      } else {
        for (let key = 0; key < keys; key += 1) {
          const pair: Pair = { set, query, queryRow, key, keyRow: plan.keyOffsets[set]! + key, edge: -1 };
          const stage = asked.full === "scores" ? "scaled" : "capped";
          full[first + key] = asked.meanOverHeads ? mean(H, (h) => score(pair, h)[stage]) : score(pair, head)[stage];
        }
      }
    }
  };

  return {
    record(set, query, queryRow, pairs, perHead) {
      perHead.forEach((row, head) => {
        if (entropy !== null) entropy[queryRow * H + head] = entropyOf(row.weights);
        if (logSumExp !== null) logSumExp[queryRow * H + head] = row.logSumExp;
      });
      const heads = asked.meanOverHeads ? [meanOfHeads(perHead)] : perHead;
      recordFull(set, query, queryRow, pairs, heads);
      heads.forEach(({ permitted, weights }, head) => {
        for (const place of placesOfRows.get(queryRow) ?? []) {
          pairs.forEach(({ key }, i) => {
            rows![place + head * keysOf(set) + key]! += weights[i]!;
          });
        }
        pairs.forEach(({ keyRow, edge }, i) => {
          if (columnSums !== null) columnSums[keyRow * mapHeads + head]! += weights[i]!;
          if (edges !== null) edges[edge * mapHeads + head] = weights[i]!;
        });
        if (topK === null) return;
        const candidates = pairs.map((_, i) => i).filter((i) => permitted[i]);
        const best = candidates.sort((a, b) => weights[b]! - weights[a]!).slice(0, asked.topK);
        best.forEach((i, rank) => {
          const place = (queryRow * mapHeads + head) * asked.topK + rank;
          topK.keys[place] = pairs[i]!.key;
          topK.weights[place] = weights[i]!;
        });
      });
    },
    finish: () => ({ rows, topK, columnSums, entropy, logSumExp, edges, full }),
  };
}

/** Where the values of each requested row begin; a row that is asked for twice has two places. */
function placeRows(
  plan: AttentionPlan,
  rows: Int32Array | null,
  heads: number,
): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  let at = 0;
  for (const row of rows ?? []) {
    const set = setOfRow(plan.queryOffsets, row);
    places.set(row, [...(places.get(row) ?? []), at]);
    at += heads * (plan.keyOffsets[set + 1]! - plan.keyOffsets[set]!);
  }
  return places;
}

/** The mean over heads; a pair is permitted where any head permits it. */
function meanOfHeads(heads: readonly AttendedRow[]): AttendedRow {
  const { weights } = heads[0]!;
  return {
    scores: weights.map((_, i) => mean(heads.length, (h) => heads[h]!.scores[i]!)),
    permitted: weights.map((_, i) => heads.some((head) => head.permitted[i])),
    weights: weights.map((_, i) => mean(heads.length, (h) => heads[h]!.weights[i]!)),
    logSumExp: NaN,
  };
}

function mean(count: number, of: (h: number) => number): number {
  let sum = 0;
  for (let h = 0; h < count; h += 1) sum += of(h);
  return sum / count;
}

/** -Σ w ln w; a weight of 0 adds nothing. */
function entropyOf(weights: readonly number[]): number {
  let sum = 0;
  for (const weight of weights) if (weight !== 0) sum -= weight * log(weight);
  return sum;
}
