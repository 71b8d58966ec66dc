// The table of cases on the GPU: those of the host, with sizes that a card needs to be busy; and tiny ones of every kind for an
// adapter that is a program, where results count and speed means nothing.
import type { ArrayCase } from "../shapes.ts";

/** A case that the GPU computes. */
export type GpuCase = ArrayCase & { readonly threads: "gpu" };

const threads = "gpu";

const gemm = (size: number): GpuCase => ({ kind: "gemm", name: `gemm/${size}`, size, threads });

const attention = (pattern: "full" | "causal" | "window", positions: number): GpuCase => ({
  kind: "attention",
  name: `attention/${pattern === "full" ? "dense" : pattern}/${positions}`,
  pattern,
  positions,
  threads,
});

/** 16 heads of 64, as in BERT large. */
const wideAttention = (pattern: "full" | "causal", positions: number): GpuCase => ({
  kind: "attention",
  name: `attention/${pattern === "full" ? "dense" : pattern}/${positions}/16-heads`,
  pattern,
  positions,
  heads: 16,
  threads,
});

const ragged = (sets: number, shortest: number, longest: number): GpuCase => ({
  kind: "ragged",
  name: `attention/ragged/${sets}-sets`,
  sets,
  shortest,
  longest,
  threads,
});

const neighbors = (score: "dot" | "additive", nodes: number, edges: number): GpuCase => ({
  kind: "neighbors",
  name: `neighbors/${score}${nodes < 100_000 ? `/${nodes}` : ""}`,
  score,
  nodes,
  edges,
  threads,
});

const encoder = (positions: number): GpuCase => ({
  kind: "encoder",
  name: `encoder/4x256/${positions}`,
  positions,
  threads,
});

const attentionGradient = (positions: number): GpuCase => ({
  kind: "attention-gradient",
  name: `attention/gradient/${positions}`,
  positions,
  threads,
});

/** What a card computes. */
export const cardCases: readonly GpuCase[] = [
  ...[512, 1024, 4096].map(gemm),
  ...[128, 512, 1024, 2048, 4096].map((positions) => attention("full", positions)),
  wideAttention("full", 4096),
  attention("causal", 1024),
  wideAttention("causal", 4096),
  ...[1024, 4096, 16_384, 65_536].map((positions) => attention("window", positions)),
  ragged(256, 5, 200),
  neighbors("dot", 100_000, 1_000_000),
  neighbors("additive", 100_000, 1_000_000),
  encoder(128),
  encoder(512),
  ...[64, 512].map(attentionGradient),
];

/** What a program in the place of a GPU computes: each in seconds at the most. */
export const softwareCases: readonly GpuCase[] = [
  gemm(64),
  ...[16, 64].map((positions) => attention("full", positions)),
  wideAttention("full", 64),
  attention("causal", 64),
  attention("window", 130),
  ragged(4, 3, 24),
  neighbors("dot", 200, 1000),
  neighbors("additive", 200, 1000),
  encoder(16),
  attentionGradient(16),
];
