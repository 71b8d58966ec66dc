// Calls of attention as differentiable operations, for tests of its gradient.
import { expect } from "vitest";
import type { AttentionBias, AttentionNormalizer, AttentionScore } from "../src/backend.ts";
import { compilePlan } from "../src/compile-plan.ts";
import type { AttentionPattern } from "../src/pattern.ts";
import { offsetsOf } from "../src/ragged.ts";
import type { Shape, Tensor } from "../src/tensor.ts";
import type { AttentionGradients, TrainingAttentionOptions, TrainingWorkspace } from "../src/training.ts";
import { type Differentiable, evenNumbers, oddNumbers } from "./central-differences.ts";

export type BiasKind = "dense" | "dense, one head" | "edges" | "edges, one head" | "alibi" | "relative" | "relative2d";
type ScoreKind = "dot" | "tanh" | "leakyRelu";
export type AttentionInput = "q" | "k" | "v" | "bias" | "vector";

/** A call of attention; what is left out takes a small default. */
export interface AttentionSettings {
  readonly pattern: AttentionPattern;
  readonly queries?: readonly number[];
  readonly keys?: readonly number[];
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly width?: number;
  readonly valueWidth?: number;
  readonly score?: ScoreKind;
  /** Of leakyRelu. */
  readonly slope?: number;
  readonly normalizer?: AttentionNormalizer;
  readonly bias?: BiasKind | undefined;
  readonly rest?: Omit<TrainingAttentionOptions, "heads" | "kvHeads" | "score" | "normalizer" | "bias">;
}

/** The sets of `patterns`. */
export const sets: readonly number[] = [4, 0, 1, 5];

/** Lists of neighbours over `sets`: repeated edges, an isolated node, any order. */
const graph: AttentionPattern = {
  kind: "neighbors",
  offsets: Int32Array.of(0, 3, 5, 5, 6, 7, 9, 13, 14, 16, 17),
  indices: Int32Array.of(2, 0, 2, 1, 3, 0, 0, 4, 1, 0, 1, 2, 3, 2, 4, 4, 1),
};
const blocks: AttentionPattern = {
  kind: "blocks",
  size: 2,
  offsets: Int32Array.of(0, 1, 3, 4, 5, 7, 8),
  indices: Int32Array.of(1, 0, 1, 0, 2, 0, 1, 1),
};
const rule: AttentionPattern = { kind: "rule", permits: (query, key) => (3 * query + key) % 4 !== 2 };

/** Every kind of pattern over `sets`. */
export const patterns: Readonly<Record<string, AttentionPattern>> = {
  full: { kind: "full" },
  causal: { kind: "causal" },
  window: { kind: "window", left: 1, right: 2 },
  "window with gaps": { kind: "window", left: 0, right: 1, offset: 3 },
  rule,
  blocks,
  "blocks and causal": { kind: "all", of: [blocks, { kind: "causal" }] },
  neighbors: graph,
  "neighbors and causal": { kind: "all", of: [graph, { kind: "causal" }] },
};

export function isOverEdges(pattern: AttentionPattern): boolean {
  return pattern.kind === "neighbors" || (pattern.kind === "all" && pattern.of.some(isOverEdges));
}

function shapeOfBias(kind: BiasKind, H: number, densePairs: number): Shape {
  switch (kind) {
    case "dense":
      return [H * densePairs];
    case "dense, one head":
      return [densePairs];
    case "edges":
      return [17, H];
    case "edges, one head":
      return [17, 1];
    case "alibi":
      return [H];
    case "relative":
      return [H, 5];
    case "relative2d":
      return [H, 15];
    default:
      return kind satisfies never;
  }
}

function biasOf(kind: BiasKind, values: Tensor, H: number): AttentionBias {
  switch (kind) {
    case "dense":
      return { kind: "dense", values, heads: H };
    case "dense, one head":
      return { kind: "dense", values, heads: 1 };
    case "edges":
    case "edges, one head":
      return { kind: "edges", values };
    case "alibi":
      return { kind: "alibi", slopes: values };
    case "relative":
      return { kind: "relative", table: values };
    case "relative2d":
      return { kind: "relative2d", table: values, columns: 2, reach: [1, 2] };
    default:
      return kind satisfies never;
  }
}

/** Attention over numbers of its own, with everything that it reads as an input. */
export function attention(settings: AttentionSettings): Differentiable<AttentionInput> {
  const { queries = sets, keys = queries, heads = 2, kvHeads = heads, width = 2, valueWidth = 3 } = settings;
  const { score: scoreKind = "dot", normalizer = "softmax", bias: biasKind, rest = {} } = settings;
  const slope = settings.slope === undefined ? {} : { slope: settings.slope };
  const plan = compilePlan(offsetsOf(queries), offsetsOf(keys), settings.pattern);
  const P = plan.queryOffsets.at(-1)!;
  const keyRows = plan.keyOffsets.at(-1)!;
  const biasShape = biasKind === undefined ? [0] : shapeOfBias(biasKind, heads, plan.densePairs);
  const input = (shape: Shape, seed: number, numbers = evenNumbers): { values: Float32Array; shape: Shape } => ({
    values: numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  });
  const optionsOf = ({ bias, vector }: Readonly<Record<AttentionInput, Tensor>>): TrainingAttentionOptions => {
    const score: AttentionScore =
      scoreKind === "dot" ? { kind: "dot" } : { kind: "additive", vector, activation: scoreKind, ...slope };
    return {
      ...rest,
      heads,
      kvHeads,
      score,
      normalizer,
      ...(biasKind === undefined ? {} : { bias: biasOf(biasKind, bias, heads) }),
    };
  };
  return {
    inputs: {
      q: input([P, heads * width], 1),
      k: input([keyRows, kvHeads * width], 2, oddNumbers),
      v: input([keyRows, kvHeads * valueWidth], 3),
      bias: input(biasShape, 4),
      vector: input([heads, width], 5),
    },
    forward: (workspace, inputs) => workspace.attention(inputs.q, inputs.k, inputs.v, plan, optionsOf(inputs)).output,
    backward: (workspace, inputs, dy) => ({ ...backward(workspace, inputs, dy, optionsOf(inputs)) }),
  };

  function backward(
    workspace: TrainingWorkspace,
    inputs: Readonly<Record<AttentionInput, Tensor>>,
    dy: Tensor,
    options: TrainingAttentionOptions,
  ): AttentionGradients {
    const { q, k, v } = inputs;
    const maps = normalizer === "softmax" ? { maps: { logSumExp: true } } : {};
    const attended = workspace.attention(q, k, v, plan, { ...options, ...maps });
    const {
      output,
      maps: { logSumExp = null },
    } = attended;
    const gradients = workspace.attentionGradient(q, k, v, plan, options, { output, logSumExp }, dy);
    expect(gradients.bias?.shape).toEqual(biasKind === undefined ? undefined : biasShape);
    expect(gradients.vector?.shape).toEqual(scoreKind === "dot" ? undefined : [heads, width]);
    return gradients;
  }
}
