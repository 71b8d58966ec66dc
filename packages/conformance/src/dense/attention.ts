// Attention by its formula, in float64, over materialized masks: every score of every pair is a number in an array.
// What a backend computes is held against this. It shares no code with any backend.

import type { Permitted } from "./permitted.ts";

/** What is added to the scores; arrays as in the `AttentionBias` of the core. */
export type DenseBias =
  | { readonly kind: "dense"; readonly values: Float32Array; readonly heads: number }
  | { readonly kind: "edges"; readonly values: Float32Array; readonly heads: number }
  | { readonly kind: "alibi"; readonly slopes: Float32Array }
  | { readonly kind: "relative"; readonly table: Float32Array; readonly reach: number }
  | {
      readonly kind: "relative2d";
      readonly table: Float32Array;
      readonly columns: number;
      readonly reach: readonly [number, number];
    };

/** How two rows become a score. */
export type DenseScore =
  | { readonly kind: "dot" }
  | {
      readonly kind: "additive";
      readonly vector: Float32Array;
      readonly activation: "tanh" | "leakyRelu";
      readonly slope: number;
    };

/** Everything that attention depends on. */
export interface DenseInput {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly queries: Int32Array;
  readonly keys: Int32Array;
  /** For each query row, the keys that its pattern permits. */
  readonly permitted: readonly (readonly Permitted[])[];
  readonly heads: number;
  readonly kvHeads: number;
  /** D, of a query and key head. */
  readonly width: number;
  /** Of a value head. */
  readonly valueWidth: number;
  readonly scale: number;
  readonly softcap: number;
  readonly score: DenseScore;
  readonly normalizer: "softmax" | "relu" | "hard";
  readonly bias: DenseBias | null;
}

/** A permitted key, its score after the bias, and its weight. */
export interface Weighted extends Permitted {
  readonly score: number;
  readonly weight: number;
}

/** One head of one query row. */
export interface DenseRow {
  readonly set: number;
  /** Position of the query in its set. */
  readonly query: number;
  readonly head: number;
  /** Scores of every key of the set, after scale. */
  readonly scores: Float64Array;
  /** The same after softcap. */
  readonly capped: Float64Array;
  /** Permitted keys that no bias of -Infinity forbids. */
  readonly weighted: readonly Weighted[];
}

/** The output, and each head of each row on the way to it. */
export interface DenseOutput {
  /** [P, H · value width] */
  readonly output: Float64Array;
  /** Row r and head h at r · H + h. */
  readonly rows: readonly DenseRow[];
}

/** See `DenseInput`. */
export function denseAttention(input: DenseInput): DenseOutput {
  const { queries, heads, kvHeads, width, valueWidth } = input;
  const rowCount = queries.at(-1) ?? 0;
  const output = new Float64Array(rowCount * heads * valueWidth);
  const rows: DenseRow[] = [];
  let pairsBefore = 0;
  for (let set = 0; set + 1 < queries.length; set++) {
    const queryCount = queries[set + 1]! - queries[set]!;
    const firstKey = input.keys[set]!;
    const keyCount = input.keys[set + 1]! - firstKey;
    for (let query = 0; query < queryCount; query++) {
      const row = queries[set]! + query;
      for (let head = 0; head < heads; head++) {
        const kvHead = Math.floor((head * kvHeads) / heads);
        const scores = new Float64Array(keyCount);
        for (let key = 0; key < keyCount; key++) {
          const q = input.q.subarray((row * heads + head) * width, (row * heads + head + 1) * width);
          const at = ((firstKey + key) * kvHeads + kvHead) * width;
          scores[key] = input.scale * scoreOf(input.score, q, input.k.subarray(at, at + width), head);
        }
        const capped = scores.map((score) =>
          input.softcap > 0 ? input.softcap * Math.tanh(score / input.softcap) : score,
        );
        const biased = input.permitted[row]!.map((pair) => ({
          ...pair,
          bias: biasOf(input.bias, { ...pair, heads, head, query, queryCount, keyCount, pairsBefore }),
        }))
          .filter(({ bias }) => bias !== -Infinity)
          .map(({ key, edge, bias }) => ({ key, edge, score: capped[key]! + bias }));
        const weights = normalize(
          input.normalizer,
          biased.map(({ score }) => score),
        );
        const weighted = biased.map((pair, i) => ({ ...pair, weight: weights[i]! }));
        const to = (row * heads + head) * valueWidth;
        for (const { key, weight } of weighted) {
          const from = ((firstKey + key) * kvHeads + kvHead) * valueWidth;
          for (let d = 0; d < valueWidth; d++) output[to + d]! += weight * input.v[from + d]!;
        }
        rows.push({ set, query, head, scores, capped, weighted });
      }
    }
    pairsBefore += queryCount * keyCount;
  }
  return { output, rows };
}

function scoreOf(score: DenseScore, q: Float32Array, k: Float32Array, head: number): number {
  let sum = 0;
  for (let d = 0; d < q.length; d++) {
    if (score.kind === "dot") {
      sum += q[d]! * k[d]!;
    } else {
      const x = q[d]! + k[d]!;
      const activated = score.activation === "tanh" ? Math.tanh(x) : x >= 0 ? x : score.slope * x;
      sum += score.vector[head * q.length + d]! * activated;
    }
  }
  return sum;
}

interface BiasPlace {
  readonly heads: number;
  readonly head: number;
  readonly query: number;
  readonly key: number;
  readonly edge: number;
  readonly queryCount: number;
  readonly keyCount: number;
  readonly pairsBefore: number;
}

function biasOf(bias: DenseBias | null, at: BiasPlace): number {
  if (bias === null) return 0;
  const aligned = at.query + at.keyCount - at.queryCount;
  switch (bias.kind) {
    case "dense": {
      const head = bias.heads === 1 ? 0 : at.head;
      return bias.values[at.pairsBefore * bias.heads + (head * at.queryCount + at.query) * at.keyCount + at.key]!;
    }
    case "edges":
      return bias.values[at.edge * bias.heads + (bias.heads === 1 ? 0 : at.head)]!;
    case "alibi":
      return -bias.slopes[at.head]! * Math.abs(at.key - aligned);
    case "relative": {
      const distance = clamp(at.key - aligned, bias.reach);
      return bias.table[at.head * (2 * bias.reach + 1) + distance + bias.reach]!;
    }
    case "relative2d": {
      const [reachY, reachX] = bias.reach;
      const y = clamp(Math.floor(at.key / bias.columns) - Math.floor(aligned / bias.columns), reachY);
      const x = clamp((at.key % bias.columns) - (aligned % bias.columns), reachX);
      const size = (2 * reachY + 1) * (2 * reachX + 1);
      return bias.table[at.head * size + (y + reachY) * (2 * reachX + 1) + x + reachX]!;
    }
  }
}

function clamp(distance: number, reach: number): number {
  return Math.max(-reach, Math.min(reach, distance));
}

function normalize(how: DenseInput["normalizer"], scores: readonly number[]): number[] {
  switch (how) {
    case "softmax": {
      const largest = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - largest));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum);
    }
    case "relu":
      return scores.map((score) => Math.max(score, 0) / scores.length);
    case "hard": {
      const first = scores.indexOf(Math.max(...scores));
      return scores.map((_, i) => (i === first ? 1 : 0));
    }
  }
}
