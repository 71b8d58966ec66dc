// Settings drawn at random and put together: what no table of single settings would think of.

import type { MapRequest } from "@saccade/attention-core";
import { type Random, seeded } from "../random.ts";
import { type AttentionCase, attentionCase } from "./attention-case.ts";
import type { AttentionSpec, BiasKind } from "./attention-spec.ts";
import { drawBlocks, drawGraph } from "./graphs.ts";

const group = "attention: combinations";

/** `count` cases, each of its own seed. */
export function combinationCases(count = 120): AttentionCase[] {
  return Array.from({ length: count }, (_, i) => attentionCase(drawSpec(i)));
}

function drawSpec(index: number): AttentionSpec {
  const random = seeded(`combination ${index}`);
  const sets = random.integer(1, 5);
  const queries = Array.from({ length: sets }, () => random.integer(0, 40));
  const cross = random.uniform() < 0.4;
  const keys = cross ? Array.from({ length: sets }, () => random.integer(0, 60)) : queries;
  const kvHeads = random.pick([1, 2, 3]);
  const heads = kvHeads * random.pick([1, 1, 2, 4]);
  const normalizer = random.pick(["softmax", "softmax", "softmax", "relu", "hard"] as const);
  const { kind, pattern } = drawPattern(random, queries, keys);
  // Scores that saturate are all but equal, and the largest of them is nobody's.
  const saturates = normalizer === "hard" ? [] : (["tanh", "leakyRelu"] as const);
  const score = random.pick([undefined, undefined, undefined, ...saturates]);
  const bias = drawBias(random, kind === "neighbors", cross);
  const rows = queries.reduce((a, b) => a + b, 0);
  return {
    group,
    name: [index, kind, cross ? "cross" : "self", normalizer, score ?? "dot", bias ?? "no bias"].join(" "),
    queries,
    pattern,
    heads,
    kvHeads,
    width: random.pick([1, 2, 3, 4, 5, 8, 12, 16, 20, 32, 40, 64]),
    valueWidth: random.pick([1, 3, 4, 6, 8, 16, 24, 32, 48]),
    normalizer,
    maps: drawMaps(random, rows, normalizer, kind === "neighbors"),
    ...(cross ? { keys } : {}),
    ...(random.uniform() < 0.3 ? { scale: random.uniform() } : {}),
    ...(random.uniform() < 0.3 && normalizer !== "hard" ? { softcap: 1 + random.uniform() * 5 } : {}),
    ...(score === undefined ? {} : { score: { activation: score } }),
    ...(bias === undefined ? {} : { bias }),
  };
}

function drawPattern(
  random: Random,
  queries: readonly number[],
  keys: readonly number[],
): { readonly kind: string; readonly pattern: NonNullable<AttentionSpec["pattern"]> } {
  const modulus = random.integer(2, 5);
  const window = { kind: "window", left: random.integer(-1, 20), right: random.integer(-1, 20) } as const;
  const rule = { kind: "rule", permits: (query: number, key: number) => (query * 7 + key) % modulus !== 0 } as const;
  const kind = random.pick([
    "full",
    "causal",
    "window",
    "rule",
    "blocks",
    "neighbors",
    "window and rule",
    "blocks and causal",
  ]);
  switch (kind) {
    case "causal":
      return { kind, pattern: { kind } };
    case "window":
      return { kind, pattern: window };
    case "rule":
      return { kind, pattern: rule };
    case "blocks":
      return { kind, pattern: drawBlocks(random, random.integer(1, 16), queries, keys) };
    case "neighbors":
      return {
        kind,
        pattern: drawGraph(random, { queries, keys, degree: random.integer(1, 12), hub: random.uniform() < 0.3 }),
      };
    case "window and rule":
      return { kind, pattern: { kind: "all", of: [window, rule] } };
    case "blocks and causal":
      return {
        kind,
        pattern: { kind: "all", of: [drawBlocks(random, random.integer(1, 16), queries, keys), { kind: "causal" }] },
      };
    default:
      return { kind, pattern: { kind: "full" } };
  }
}

function drawBias(random: Random, overEdges: boolean, cross: boolean): BiasKind | undefined {
  if (random.uniform() < 0.4) return undefined;
  if (overEdges) return random.pick(["edges", "edges1", "dense", "alibi"]);
  return cross
    ? random.pick(["dense", "dense1", "alibi", "relative"])
    : random.pick(["dense", "dense1", "alibi", "relative", "relative2d"]);
}

function drawMaps(random: Random, rows: number, normalizer: string, overEdges: boolean): MapRequest {
  const chance = (): boolean => random.uniform() < 0.4;
  const meanOverHeads = chance();
  return {
    meanOverHeads,
    ...(chance() && rows > 0
      ? { rows: Int32Array.from({ length: random.integer(1, 5) }, () => random.integer(0, rows - 1)) }
      : {}),
    ...(chance() ? { topK: random.integer(1, 6) } : {}),
    columnSums: chance(),
    entropy: normalizer === "softmax" && chance(),
    logSumExp: normalizer === "softmax" && chance(),
    edges: overEdges && chance(),
    ...(chance() ? { full: random.pick(["weights", "scores", "capped", "biased"]) } : {}),
  };
}
