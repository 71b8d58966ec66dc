// Attention maps from the fused kernel, on every form that a plan may take: alone, all together, and with other
// scores and normalizers.

import type { MapRequest } from "@saccade/attention-core";
import type { BackendCase } from "../backend-case.ts";
import { attentionCase } from "./attention-case.ts";
import type { AttentionSpec } from "./attention-spec.ts";
import { drawGraph } from "./graphs.ts";
import { forms } from "./scores.ts";

const group = "attention: maps";
const lengths: readonly number[] = [19, 1, 0, 33];

const requests: Readonly<Record<string, MapRequest>> = {
  rows: { rows: Int32Array.of(0, 18, 19, 52, 20, 0) },
  "no rows": { rows: Int32Array.of() },
  "topK 1": { topK: 1 },
  "topK 3": { topK: 3 },
  "topK 40": { topK: 40 },
  columnSums: { columnSums: true },
  entropy: { entropy: true },
  logSumExp: { logSumExp: true },
  "full weights": { full: "weights" },
  "full scores": { full: "scores" },
  "full capped": { full: "capped" },
  "full biased": { full: "biased" },
  "all at once": {
    rows: Int32Array.of(3, 25),
    topK: 4,
    columnSums: true,
    entropy: true,
    logSumExp: true,
    full: "weights",
  },
};

const means: Readonly<Record<string, MapRequest>> = {
  rows: { meanOverHeads: true, rows: Int32Array.of(0, 18, 19, 52) },
  topK: { meanOverHeads: true, topK: 3 },
  columnSums: { meanOverHeads: true, columnSums: true },
  "full weights": { meanOverHeads: true, full: "weights" },
  "full scores": { meanOverHeads: true, full: "scores" },
  "full capped": { meanOverHeads: true, full: "capped" },
  "full biased": { meanOverHeads: true, full: "biased" },
  "all at once": {
    meanOverHeads: true,
    rows: Int32Array.of(3, 25),
    topK: 4,
    columnSums: true,
    entropy: true,
    logSumExp: true,
    full: "weights",
  },
};

const everything: MapRequest = { rows: Int32Array.of(1, 20), topK: 2, columnSums: true, full: "weights" };

const variations: readonly Omit<AttentionSpec, "group" | "queries">[] = [
  { name: "grouped heads", heads: 6, kvHeads: 2, maps: { ...everything, entropy: true, logSumExp: true } },
  {
    name: "softcap and dense bias",
    softcap: 2,
    bias: "dense",
    maps: { ...everything, entropy: true, logSumExp: true },
  },
  { name: "softcap and dense bias, biased", softcap: 2, scale: 1, bias: "dense", maps: { full: "biased" } },
  { name: "softcap and dense bias, capped", softcap: 2, scale: 1, bias: "dense", maps: { full: "capped" } },
  { name: "softcap and dense bias, scores", softcap: 2, scale: 1, bias: "dense", maps: { full: "scores" } },
  { name: "additive", score: { activation: "tanh" }, maps: { ...everything, entropy: true, logSumExp: true } },
  { name: "relu", normalizer: "relu", maps: everything },
  { name: "relu, mean over heads", normalizer: "relu", maps: { ...everything, meanOverHeads: true } },
  { name: "hard", normalizer: "hard", maps: everything },
  { name: "hard, mean over heads", normalizer: "hard", maps: { ...everything, meanOverHeads: true } },
];

/** The cases of this file. */
export function mapCases(): BackendCase[] {
  return [
    ...Object.entries(forms).flatMap(([form, pattern]) => [
      ...Object.entries(requests).map(([what, maps]) =>
        attentionCase({
          group,
          name: `${what}, ${form}`,
          queries: lengths,
          maps,
          pattern: (random) => pattern(random, lengths),
        }),
      ),
      ...Object.entries(means).map(([what, maps]) =>
        attentionCase({
          group,
          name: `${what}, mean over heads, ${form}`,
          queries: lengths,
          heads: 3,
          maps,
          pattern: (random) => pattern(random, lengths),
        }),
      ),
      ...variations.map((variation) =>
        attentionCase({
          ...variation,
          group,
          name: `${variation.name}, ${form}`,
          queries: lengths,
          pattern: (random) => pattern(random, lengths),
        }),
      ),
    ]),
    attentionCase({
      group,
      name: "cross-attention",
      queries: [5, 0, 12],
      keys: [30, 4, 3],
      maps: { rows: Int32Array.of(4, 16), topK: 5, columnSums: true, entropy: true, logSumExp: true, full: "weights" },
    }),
    attentionCase({
      group,
      name: "long rows",
      queries: [3, 130],
      keys: [300, 130],
      width: 16,
      maps: { rows: Int32Array.of(2, 132), topK: 7, columnSums: true, entropy: true, logSumExp: true },
    }),
    ...[false, true].flatMap((meanOverHeads) => [
      attentionCase({
        group,
        name: meanOverHeads ? "edges, mean over heads" : "edges",
        queries: lengths,
        maps: { edges: true, meanOverHeads },
        pattern: (random) => drawGraph(random, { queries: lengths, degree: 7 }),
      }),
      attentionCase({
        group,
        name: meanOverHeads ? "edges, some forbidden, mean over heads" : "edges, some forbidden",
        queries: lengths,
        maps: { edges: true, columnSums: true, meanOverHeads },
        pattern: (random) => ({
          kind: "all",
          of: [drawGraph(random, { queries: lengths, degree: 7, hub: true }), { kind: "causal" }],
        }),
      }),
    ]),
    attentionCase({
      group,
      name: "every map, repeated edges",
      queries: lengths,
      maps: { ...everything, edges: true, entropy: true, logSumExp: true },
      pattern: (random) => drawGraph(random, { queries: lengths, repeated: true }),
    }),
  ];
}
