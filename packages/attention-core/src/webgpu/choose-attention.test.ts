import { describe, expect, it } from "vitest";
import { chooseAttention } from "./choose-attention.ts";
import type { ScoreForm } from "./kernels/score.wgsl.ts";

const form: ScoreForm = { plan: "ranges", score: "dot", bias: "none", capped: false, normalizer: "softmax" };

describe("chooseAttention()", () => {
  it("takes tiles for dot scores under a softmax, whatever the bias and softcap", () => {
    expect(chooseAttention(form)).toBe("tiles");
    expect(chooseAttention({ ...form, plan: "segments", bias: "dense", capped: true })).toBe("tiles");
  });

  it("takes neighbours for edges, whatever the score and normalizer", () => {
    expect(chooseAttention({ ...form, plan: "edges" })).toBe("neighbors");
    expect(chooseAttention({ ...form, plan: "edges", score: "tanh", normalizer: "hard" })).toBe("neighbors");
  });

  it("takes rows for what is left", () => {
    expect(chooseAttention({ ...form, score: "leakyRelu" })).toBe("rows");
    expect(chooseAttention({ ...form, normalizer: "relu" })).toBe("rows");
  });
});
