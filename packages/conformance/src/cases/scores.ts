// How two rows become a weight: scores, softcap, biases, normalizers, on every form that a plan may take.

import type { AttentionPattern } from "@saccade/attention-core";
import type { Random } from "../random.ts";
import { type AttentionCase, attentionCase } from "./attention-case.ts";
import type { AttentionSpec, Inputs } from "./attention-spec.ts";
import { drawBlocks, drawGraph } from "./graphs.ts";

const group = "attention: scores";
const lengths: readonly number[] = [21, 1, 0, 40];

/** One pattern for each form of a plan. */
export const forms: Readonly<Record<string, (random: Random, lengths: readonly number[]) => AttentionPattern>> = {
  full: () => ({ kind: "full" }),
  window: () => ({ kind: "window", left: 6, right: 2 }),
  rule: () => ({ kind: "rule", permits: (query, key) => (query * 5 + key * 3) % 4 !== 0 }),
  blocks: (random, queries) => drawBlocks(random, 5, queries),
  neighbors: (random, queries) => drawGraph(random, { queries, degree: 8 }),
};

const variations: readonly Omit<AttentionSpec, "group" | "queries">[] = [
  { name: "scale 0.01", scale: 0.01 },
  { name: "scale 0", scale: 0 },
  { name: "negative scale", scale: -0.7 },
  { name: "softcap 2", softcap: 2, scale: 1.5 },
  { name: "softcap 20, grouped heads", softcap: 20, heads: 4, kvHeads: 2 },
  { name: "additive, tanh", score: { activation: "tanh" } },
  { name: "additive, tanh, width 1, value width 6", score: { activation: "tanh" }, width: 1, valueWidth: 6 },
  { name: "additive, leaky ReLU", score: { activation: "leakyRelu" } },
  { name: "additive, leaky ReLU, slope 0", score: { activation: "leakyRelu", slope: 0 }, width: 5 },
  {
    name: "additive, leaky ReLU, width 1 (GAT), value width 8",
    score: { activation: "leakyRelu", slope: 0.2 },
    width: 1,
    valueWidth: 8,
  },
  {
    name: "additive, scale, softcap, grouped heads",
    score: { activation: "tanh" },
    scale: 2,
    softcap: 1.5,
    heads: 4,
    kvHeads: 2,
  },
  { name: "relu", normalizer: "relu" },
  { name: "relu, scale 3", normalizer: "relu", scale: 3, valueWidth: 5 },
  { name: "hard", normalizer: "hard" },
  { name: "hard, grouped heads", normalizer: "hard", heads: 4, kvHeads: 1, valueWidth: 3 },
  { name: "hard, equal scores", normalizer: "hard", scale: 0 },
  { name: "dense bias per head", bias: "dense" },
  { name: "dense bias for all heads", bias: "dense1" },
  { name: "dense bias and softcap", bias: "dense", softcap: 1 },
  { name: "dense bias, relu", bias: "dense", normalizer: "relu" },
  { name: "dense bias, hard", bias: "dense", normalizer: "hard" },
  { name: "ALiBi", bias: "alibi", heads: 4 },
  { name: "relative bias", bias: "relative" },
  { name: "relative bias on a grid", bias: "relative2d", columns: 4 },
  { name: "relative bias on a grid, 7 columns, grouped heads", bias: "relative2d", columns: 7, heads: 4, kvHeads: 2 },
  { name: "additive with relative bias", bias: "relative", score: { activation: "leakyRelu" } },
];

const ofEdges: readonly Omit<AttentionSpec, "group" | "queries">[] = [
  { name: "bias per edge and head", bias: "edges" },
  { name: "bias per edge", bias: "edges1", heads: 4, kvHeads: 2 },
  { name: "bias per edge, additive", bias: "edges", score: { activation: "leakyRelu" }, width: 1, valueWidth: 8 },
  { name: "bias per edge, relu", bias: "edges", normalizer: "relu" },
  { name: "bias per edge, hard", bias: "edges", normalizer: "hard" },
];

/** Forbids about three pairs in ten. */
function forbidSome({ bias }: Inputs, random: Random): void {
  bias!.forEach((_, i) => {
    if (random.uniform() < 0.3) bias![i] = -Infinity;
  });
}

/** A bias of -Infinity forbids a pair: it has no weight, and is not one of the permitted keys that relu divides by. */
function forbiddingCases(): AttentionCase[] {
  return (["softmax", "relu", "hard"] as const).flatMap((normalizer) => [
    ...Object.entries(forms).flatMap(([form, pattern]) =>
      (["dense", "dense1"] as const).map((bias) =>
        attentionCase({
          group,
          name: `${normalizer}, pairs forbidden by a ${bias} bias, ${form}`,
          queries: lengths,
          bias,
          normalizer,
          change: forbidSome,
          maps: { columnSums: true, topK: 3, full: "weights" },
          pattern: (random) => pattern(random, lengths),
        }),
      ),
    ),
    attentionCase({
      group,
      name: `${normalizer}, edges forbidden by a bias`,
      queries: lengths,
      bias: "edges",
      normalizer,
      change: forbidSome,
      maps: { columnSums: true, topK: 3, edges: true },
      pattern: (random) => drawGraph(random, { queries: lengths, degree: 8 }),
    }),
  ]);
}

/** The cases of this file. */
export function scoreCases(): AttentionCase[] {
  return [
    ...forbiddingCases(),
    ...variations.flatMap((variation) =>
      Object.entries(forms).map(([form, pattern]) =>
        attentionCase({
          ...variation,
          group,
          name: `${variation.name}, ${form}`,
          queries: lengths,
          pattern: (random) => pattern(random, lengths),
        }),
      ),
    ),
    ...ofEdges.flatMap((variation) => [
      attentionCase({
        ...variation,
        group,
        name: variation.name,
        queries: lengths,
        pattern: (random) => drawGraph(random, { queries: lengths, degree: 8 }),
      }),
      attentionCase({
        ...variation,
        group,
        name: `${variation.name}, repeated edges`,
        queries: lengths,
        pattern: (random) => drawGraph(random, { queries: lengths, repeated: true, hub: true }),
      }),
      attentionCase({
        ...variation,
        group,
        name: `${variation.name}, some edges forbidden`,
        queries: lengths,
        pattern: (random) => ({
          kind: "all",
          of: [drawGraph(random, { queries: lengths, degree: 8 }), { kind: "causal" }],
        }),
      }),
    ]),
    ...(["alibi", "relative"] as const).map((bias) =>
      attentionCase({
        group,
        name: `${bias}, queries at the end of a cache`,
        queries: [3, 1, 9],
        keys: [20, 8, 9],
        pattern: { kind: "causal" },
        bias,
      }),
    ),
    attentionCase({ group, name: "dense bias, cross-attention", queries: [3, 0, 9], keys: [20, 8, 0], bias: "dense" }),
  ];
}
