// What is stored: small models with every weight drawn at random (biases and gains too, so that none can be forgotten),
// ragged rows, and the hidden rows that jax-js computes for them.

import {
  type AttentionPattern,
  type DecoderConfig,
  describeDecoderWeights,
  describeEncoderWeights,
  type EncoderConfig,
  randomStream,
  type WeightSpec,
} from "@saccade/attention-core";
import { decodeWithJax, encodeWithJax } from "./jax-layers.ts";

/** The patterns that the cases use; all of them are plain data. */
export type GoldenPattern = Extract<AttentionPattern, { kind: "full" | "causal" | "window" }>;

/** A matrix or vector in a stored file. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A stored case. `rows` [P, W] of sets with these `lengths`; `expected` [P, W]. */
export interface GoldenCase {
  readonly name: string;
  readonly config: DecoderConfig;
  readonly pattern: GoldenPattern;
  readonly lengths: readonly number[];
  readonly weights: Readonly<Record<string, GoldenTensor>>;
  readonly rows: GoldenTensor;
  readonly memory: { readonly lengths: readonly number[]; readonly rows: GoldenTensor } | null;
  readonly expected: GoldenTensor;
}

interface CaseSpec {
  readonly name: string;
  readonly config: DecoderConfig;
  readonly pattern: GoldenPattern;
  readonly lengths: readonly number[];
  readonly memoryLengths?: readonly number[];
}

const post: EncoderConfig = {
  layers: 1,
  width: 8,
  heads: 2,
  feedForwardWidth: 12,
  activation: "gelu",
  norm: "layer",
  placement: "post",
  epsilon: 1e-5,
  positions: { kind: "none" },
};
const pre: EncoderConfig = { ...post, placement: "pre" };

/** Encoder cases: placement of norms, activations, masks, and each way to tell positions. */
export const encoderSpecs: readonly CaseSpec[] = [
  { name: "post-norm, exact GELU", config: post, pattern: { kind: "full" }, lengths: [5, 1, 3] },
  {
    name: "pre-norm, causal, two layers",
    config: { ...pre, layers: 2, activation: "geluTanh" },
    pattern: { kind: "causal" },
    lengths: [4, 6],
  },
  {
    name: "pre-norm with RMS norms, SwiGLU, grouped keys, rotary, no biases",
    config: {
      ...pre,
      heads: 4,
      kvHeads: 2,
      headWidth: 4,
      norm: "rms",
      activation: "silu",
      gated: true,
      biases: false,
      rotary: { base: 100 },
    },
    pattern: { kind: "causal" },
    lengths: [7, 2],
  },
  {
    name: "post-norm, window, ALiBi, ReLU",
    config: { ...post, activation: "relu", positionBias: { kind: "alibi" } },
    pattern: { kind: "window", left: 2, right: 1 },
    lengths: [6, 3],
  },
  {
    name: "pre-norm, learned relative bias, sinusoidal positions, unscaled",
    config: { ...pre, scale: 1, positions: { kind: "sinusoidal" }, positionBias: { kind: "relative", reach: 2 } },
    pattern: { kind: "full" },
    lengths: [6, 2],
  },
];

/** Decoder cases: causal self-attention and cross-attention to rows of another width. */
export const decoderSpecs: readonly CaseSpec[] = [
  {
    name: "post-norm, exact GELU, cross-attention",
    config: { ...post, memoryWidth: 6 },
    pattern: { kind: "causal" },
    lengths: [4, 2],
    memoryLengths: [3, 5],
  },
  {
    name: "pre-norm, rotary, learned positions, cross-attention, two layers",
    config: { ...pre, layers: 2, memoryWidth: 8, rotary: {}, positions: { kind: "learned", count: 6 } },
    pattern: { kind: "causal" },
    lengths: [6, 1],
    memoryLengths: [2, 4],
  },
];

/** Computes the encoder cases. */
export async function encoderCases(): Promise<GoldenCase[]> {
  return Promise.all(encoderSpecs.map((spec) => makeCase(spec, describeEncoderWeights(spec.config))));
}

/** Computes the decoder cases. */
export async function decoderCases(): Promise<GoldenCase[]> {
  return Promise.all(decoderSpecs.map((spec) => makeCase(spec, describeDecoderWeights(spec.config))));
}

async function makeCase(spec: CaseSpec, specs: readonly WeightSpec[]): Promise<GoldenCase> {
  const { name, config, pattern, lengths, memoryLengths } = spec;
  const weights = Object.fromEntries(specs.map((weight) => [weight.name, drawWeight(name, weight)]));
  const rows = draw(`${name}: rows`, [sum(lengths), config.width], 0, 1);
  const memory = memoryLengths
    ? { lengths: memoryLengths, rows: draw(`${name}: memory`, [sum(memoryLengths), config.memoryWidth ?? 0], 0, 1) }
    : null;
  const stored = { name, config, pattern, lengths, weights, rows, memory };
  const values = memory ? await decodeWithJax(stored, memory) : await encodeWithJax(stored);
  return { ...stored, expected: { shape: rows.shape, values: Array.from(values, Math.fround) } };
}

function drawWeight(name: string, { name: weight, shape, role }: WeightSpec): GoldenTensor {
  return role === "gain" ? draw(`${name}: ${weight}`, shape, 1, 0.3) : draw(`${name}: ${weight}`, shape, 0, 0.6);
}

function draw(name: string, shape: readonly number[], middle: number, reach: number): GoldenTensor {
  const random = randomStream(1, name);
  const size = shape.reduce((product, length) => product * length, 1);
  // Three digits keep the files small, and the numbers are what they are in float32 all the same.
  const values = Array.from({ length: size }, () => Number((middle + (2 * random.uniform() - 1) * reach).toFixed(3)));
  return { shape, values };
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
