// A case of attention as a few settings, and the inputs that are drawn for it from the seed of its name.

import { type AttentionPattern, type MapRequest, offsetsOf } from "@saccade/attention-core";
import { denseAttention, type DenseBias, type DenseInput, type DenseScore } from "../dense/attention.ts";
import { neighborsOf, permittedKeys } from "../dense/permitted.ts";
import { type Random, seeded } from "../random.ts";

/** The kinds of bias that a case may ask for; `dense1` and `edges1` are shared by all heads. */
export type BiasKind = "dense" | "dense1" | "edges" | "edges1" | "alibi" | "relative" | "relative2d";

/** Settings of a case; what is left out takes the default of the contract. */
export interface AttentionSpec {
  readonly group: string;
  readonly name: string;
  /** Rows of each set of queries. */
  readonly queries: readonly number[];
  /** Rows of each set of keys; default those of the queries. */
  readonly keys?: readonly number[];
  /** Default full. */
  readonly pattern?: AttentionPattern | ((random: Random) => AttentionPattern);
  readonly heads?: number;
  readonly kvHeads?: number;
  /** D; default 8. */
  readonly width?: number;
  /** Width of a value head; default D. */
  readonly valueWidth?: number;
  readonly scale?: number;
  readonly softcap?: number;
  readonly score?: { readonly activation: "tanh" | "leakyRelu"; readonly slope?: number };
  readonly normalizer?: "softmax" | "relu" | "hard";
  readonly bias?: BiasKind;
  /** Columns of the grid for `relative2d`; default 4. */
  readonly columns?: number;
  readonly maps?: MapRequest;
  /** Changes the drawn inputs in place: a NaN here, a large logit there. */
  readonly change?: (inputs: Inputs, random: Random) => void;
}

/** The inputs of attention, on the host. */
export interface Inputs {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly bias: Float32Array | null;
}

/** All that is drawn from the seed of a case. */
export interface DrawnCase {
  readonly pattern: AttentionPattern;
  readonly dense: DenseInput;
  /** E of the neighbours pattern, 0 for any other. */
  readonly edgeCount: number;
}

/** Scores closer than this, relative to the largest of their row and 1, may come out in another order in float32. */
const nearTie = 1e-5;

/**
 * Draws the inputs of `spec`. The normalizer `hard` jumps where two scores are all but equal: then the inputs are drawn
 * anew, until every row's largest score is alone or has its exact equals. So they are where `refuses` says so.
 */
export function drawCase(spec: AttentionSpec, refuses: (input: DenseInput) => boolean = () => false): DrawnCase {
  for (let attempt = 0; attempt < 100; attempt++) {
    const drawn = draw(spec, seeded(`${spec.group}/${spec.name}${attempt === 0 ? "" : `/${attempt}`}`));
    if ((spec.normalizer !== "hard" || !hasNearTies(drawn.dense)) && !refuses(drawn.dense)) return drawn;
  }
  throw new Error(`The scores of "${spec.name}" are too close for its normalizer: it needs other settings`);
}

function hasNearTies(input: DenseInput): boolean {
  return denseAttention(input).rows.some(({ weighted }) => {
    const scores = weighted.map(({ score }) => score);
    const largest = Math.max(...scores);
    return scores.some((score) => score < largest && largest - score < nearTie * Math.max(1, Math.abs(largest)));
  });
}

function draw(spec: AttentionSpec, random: Random): DrawnCase {
  const queries = offsetsOf(spec.queries);
  const keys = offsetsOf(spec.keys ?? spec.queries);
  const pattern = typeof spec.pattern === "function" ? spec.pattern(random) : (spec.pattern ?? { kind: "full" });
  const heads = spec.heads ?? 2;
  const kvHeads = spec.kvHeads ?? heads;
  const width = spec.width ?? 8;
  const valueWidth = spec.valueWidth ?? width;
  const q = random.normals(queries.at(-1)! * heads * width);
  const k = random.normals(keys.at(-1)! * kvHeads * width);
  const v = random.normals(keys.at(-1)! * kvHeads * valueWidth);
  const score: DenseScore =
    spec.score === undefined
      ? { kind: "dot" }
      : {
          kind: "additive",
          vector: random.normals(heads * width),
          activation: spec.score.activation,
          slope: spec.score.slope ?? 0.2,
        };
  const bias = spec.bias === undefined ? null : drawBias(spec.bias, spec, pattern, queries, keys, heads, random);
  spec.change?.({ q, k, v, bias: valuesOfBias(bias) }, random);
  const dense: DenseInput = {
    q,
    k,
    v,
    queries,
    keys,
    heads,
    kvHeads,
    width,
    valueWidth,
    score,
    bias,
    permitted: permittedKeys(pattern, queries, keys),
    scale: spec.scale ?? (score.kind === "dot" ? 1 / Math.sqrt(width) : 1),
    softcap: spec.softcap ?? 0,
    normalizer: spec.normalizer ?? "softmax",
  };
  return { pattern, dense, edgeCount: neighborsOf(pattern)?.indices.length ?? 0 };
}

function drawBias(
  kind: BiasKind,
  spec: AttentionSpec,
  pattern: AttentionPattern,
  queries: Int32Array,
  keys: Int32Array,
  heads: number,
  random: Random,
): DenseBias {
  switch (kind) {
    case "dense":
    case "dense1": {
      const columns = kind === "dense" ? heads : 1;
      let pairs = 0;
      for (let set = 0; set + 1 < queries.length; set++)
        pairs += (queries[set + 1]! - queries[set]!) * (keys[set + 1]! - keys[set]!);
      return { kind: "dense", values: random.normals(pairs * columns), heads: columns };
    }
    case "edges":
    case "edges1": {
      const columns = kind === "edges" ? heads : 1;
      const edgeCount = neighborsOf(pattern)?.indices.length ?? 0;
      return { kind: "edges", values: random.normals(edgeCount * columns), heads: columns };
    }
    case "alibi":
      return { kind: "alibi", slopes: Float32Array.from({ length: heads }, (_, head) => 2 ** -(head + 1)) };
    case "relative":
      return { kind: "relative", table: random.normals(heads * 9), reach: 4 };
    case "relative2d":
      return { kind: "relative2d", table: random.normals(heads * 5 * 7), columns: spec.columns ?? 4, reach: [2, 3] };
  }
}

function valuesOfBias(bias: DenseBias | null): Float32Array | null {
  return bias !== null && "values" in bias ? bias.values : null;
}
