// How a query and a key become a score, in the order that the contract gives: product, scale, softcap, bias.

import type { AttentionBias } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import type { AttentionPlan } from "../plan.ts";
import type { Floats } from "./floats.ts";
import { tanh } from "./functions.ts";

/** One pair: query `query` and key `key` of set `set`, their rows through all sets, and the edge or -1. */
export interface Pair {
  readonly set: number;
  readonly query: number;
  readonly queryRow: number;
  readonly key: number;
  readonly keyRow: number;
  readonly edge: number;
}

/** The score of a pair for a query head, and what it was on the way. */
export interface Score {
  /** After scale. */
  readonly scaled: number;
  /** After softcap. */
  readonly capped: number;
  /** After the bias; -Infinity forbids the pair. */
  readonly biased: number;
}

/** The arrays that scores are made from. */
export interface ScoreInputs {
  readonly q: Floats;
  readonly k: Floats;
  /** Of an additive score. */
  readonly vector: Floats | null;
  /** The one tensor that a bias has. */
  readonly bias: Floats | null;
}

/** Scores any pair. */
export function scorer(
  { q, k, vector, bias: biasValues }: ScoreInputs,
  plan: AttentionPlan,
  call: CheckedAttention,
): (pair: Pair, head: number) => Score {
  const { H, kvHeads, D, scale, softcap, score, slope } = call;
  const termOf = call.bias === null || biasValues === null ? null : biasTerms(call.bias, plan);
  const act = score.kind === "dot" ? null : score.activation === "tanh" ? tanh : (x: number) => (x < 0 ? slope * x : x);
  return (pair, head) => {
    const keyHead = Math.floor((head * kvHeads) / H);
    const query = (pair.queryRow * H + head) * D;
    const key = (pair.keyRow * kvHeads + keyHead) * D;
    let sum = 0;
    for (let d = 0; d < D; d += 1) {
      if (act === null || vector === null) sum += q[query + d]! * k[key + d]!;
      else sum += vector[head * D + d]! * act(q[query + d]! + k[key + d]!);
    }
    const scaled = scale * sum;
    const capped = softcap > 0 ? softcap * tanh(scaled / softcap) : scaled;
    const term = termOf?.(pair, head);
    const bias = term === undefined ? 0 : biasValues![term.place]! * term.factor;
    // Chosen, not added: a forbidden pair is forbidden even where its score is NaN.
    return { scaled, capped, biased: bias === -Infinity ? -Infinity : capped + bias };
  };
}

/** What a bias adds to a score: its value at `place`, times `factor`. */
export interface BiasTerm {
  readonly place: number;
  readonly factor: number;
}

/** Where a bias finds what it adds to the score of a pair. */
export function biasTerms(bias: AttentionBias, plan: AttentionPlan): (pair: Pair, head: number) => BiasTerm {
  const { queryOffsets, keyOffsets } = plan;
  const lengths = (set: number): readonly [queries: number, keys: number] => [
    queryOffsets[set + 1]! - queryOffsets[set]!,
    keyOffsets[set + 1]! - keyOffsets[set]!,
  ];
  /** The position among the keys that a query stands at: the last query at the last key. */
  const aligned = ({ set, query }: Pair): number => {
    const [queries, keys] = lengths(set);
    return query + keys - queries;
  };
  switch (bias.kind) {
    case "dense": {
      const firsts = pairsBefore(plan);
      return ({ set, query, key }, head) => {
        const [queries, keys] = lengths(set);
        const ofHead = bias.heads === 1 ? 0 : head;
        return { place: bias.heads * firsts[set]! + (ofHead * queries + query) * keys + key, factor: 1 };
      };
    }
    case "edges": {
      const heads = bias.values.shape[1]!;
      return ({ edge }, head) => ({ place: edge * heads + (heads === 1 ? 0 : head), factor: 1 });
    }
    case "alibi":
      return (pair, head) => ({ place: head, factor: -Math.abs(pair.key - aligned(pair)) });
    case "relative": {
      const width = bias.table.shape[1]!;
      const R = (width - 1) / 2;
      return (pair, head) => ({ place: head * width + cut(pair.key - aligned(pair), R) + R, factor: 1 });
    }
    case "relative2d": {
      const [Y, X] = bias.reach;
      const { columns } = bias;
      return (pair, head) => {
        const queryGridRow = Math.floor(aligned(pair) / columns);
        const keyGridRow = Math.floor(pair.key / columns);
        const y = cut(keyGridRow - queryGridRow, Y) + Y;
        const x = cut(pair.key - keyGridRow * columns - (aligned(pair) - queryGridRow * columns), X) + X;
        return { place: (head * (2 * Y + 1) + y) * (2 * X + 1) + x, factor: 1 };
      };
    }
    default:
      return bias satisfies never;
  }
}

function cut(distance: number, reach: number): number {
  return Math.max(-reach, Math.min(reach, distance));
}

/** The pairs of all sets before each: where a set begins in a flat array of a value per pair. */
export function pairsBefore({ queryOffsets, keyOffsets }: AttentionPlan): readonly number[] {
  const before = [0];
  for (let n = 0; n < queryOffsets.length - 1; n += 1) {
    before.push(before[n]! + (queryOffsets[n + 1]! - queryOffsets[n]!) * (keyOffsets[n + 1]! - keyOffsets[n]!));
  }
  return before;
}
