import { describe, expect, it } from "vitest";
import { attention, type AttentionSettings, isOverEdges, patterns } from "../../../test/attention-gradients.ts";
import { gradientError } from "../../../test/central-differences.ts";

const cross = { queries: [3, 0, 5, 1], keys: [5, 2, 2, 0] } as const;

describe("attentionGradient() agrees with central differences", () => {
  const cases: Readonly<Record<string, AttentionSettings>> = {
    "one head": { pattern: patterns["full"]!, heads: 1 },
    "grouped heads": { pattern: patterns["causal"]!, heads: 4, kvHeads: 2 },
    "one key head": { pattern: patterns["neighbors"]!, heads: 3, kvHeads: 1, valueWidth: 1 },
    "grouped heads, additive, dense bias": {
      pattern: patterns["rule"]!,
      heads: 4,
      kvHeads: 2,
      score: "tanh",
      bias: "dense",
    },
    "one column": { pattern: patterns["blocks"]!, width: 1, valueWidth: 5, score: "leakyRelu" },
    "wide heads, narrow values": { pattern: patterns["window"]!, width: 5, valueWidth: 1 },
    "cross-attention": { ...cross, pattern: { kind: "full" } },
    "cross-attention, causal, alibi": { ...cross, pattern: { kind: "causal" }, bias: "alibi" },
    "cross-attention, window, relative": { ...cross, pattern: { kind: "window", left: 2, right: 0 }, bias: "relative" },
    "cross-attention, dense bias": { ...cross, pattern: { kind: "full" }, bias: "dense" },
    "scale 0": { pattern: patterns["full"]!, rest: { scale: 0 }, bias: "relative2d" },
    "negative scale, softcap": { pattern: patterns["full"]!, rest: { scale: -0.7, softcap: 0.5 } },
    "slope given": {
      pattern: patterns["full"]!,
      score: "leakyRelu",
      slope: 0.01,
    },
    "no set": { pattern: { kind: "full" }, queries: [] },
    "empty sets": { pattern: { kind: "full" }, queries: [0, 0] },
  };
  for (const [name, settings] of Object.entries(cases))
    it(`element by element, ${name}`, () => expect(gradientError(attention(settings))).resolves.toBeLessThan(1e-6));

  for (const [name, pattern] of Object.entries(patterns)) {
    it(`with dropout, ${name}`, async () => {
      for (const normalizer of ["softmax", "relu", "hard"] as const) {
        await expect(
          gradientError(attention({ pattern, normalizer, rest: { dropout: { rate: 0.4, seed: 4294967295 } } })),
        ).resolves.toBeLessThan(1e-6);
      }
    });
  }

  for (const [name, pattern] of Object.entries(patterns)) {
    it(`element by element, ${name}`, () => expect(gradientError(attention({ pattern }))).resolves.toBeLessThan(1e-6));
    for (const normalizer of ["softmax", "relu", "hard"] as const) {
      it(`for every score and bias, ${name}, ${normalizer}`, async () => {
        const ofEdges = isOverEdges(pattern) ? (["edges", "edges, one head"] as const) : [];
        for (const score of ["dot", "tanh", "leakyRelu"] as const) {
          for (const bias of [
            undefined,
            "dense",
            "dense, one head",
            "alibi",
            "relative",
            "relative2d",
            ...ofEdges,
          ] as const) {
            for (const softcap of [0, 0.8]) {
              const settings: AttentionSettings = { pattern, score, normalizer, bias, rest: { softcap, scale: 1.5 } };
              expect
                .soft(await gradientError(attention(settings), 2), `${score}, ${bias ?? "no bias"}, softcap ${softcap}`)
                .toBeLessThan(1e-6);
            }
          }
        }
      });
    }
  }
});
