// "I saw a saw", the lecture's example, in three steps: a network that sees each word alone says the same of both words
// "saw"; attention without positions still does, since the words of a sentence are then a set; with positions it does not.

import {
  type AttentionPattern,
  type Backend,
  describeModelWeights,
  dispose,
  type EncoderConfig,
  initialWeights,
  layoutModel,
  type ModelConfig,
  randomStream,
  runModel,
  uploadWeights,
} from "@saccade/attention-core";

/** A network that is asked what it makes of the two words. */
export interface SawNetwork {
  readonly name: string;
  readonly pattern: AttentionPattern;
  readonly changes: Partial<EncoderConfig>;
}

const full = { kind: "full" } as const;

/** From seeing a word alone to attention with each kind of positions. */
export const sawNetworks: readonly SawNetwork[] = [
  { name: "each word alone (fully connected)", pattern: { kind: "window", left: 0, right: 0 }, changes: {} },
  { name: "attention, no positions", pattern: full, changes: {} },
  { name: "attention, sinusoidal positions", pattern: full, changes: { positions: { kind: "sinusoidal" } } },
  { name: "attention, learned positions", pattern: full, changes: { positions: { kind: "learned", count: 8 } } },
  { name: "attention, relative bias", pattern: full, changes: { positionBias: { kind: "relative", reach: 4 } } },
  { name: "attention, rotary positions", pattern: full, changes: { rotary: {} } },
  { name: "causal attention, no positions", pattern: { kind: "causal" }, changes: {} },
];

/** What a network makes of the words. */
export interface SawResult {
  /** The largest difference between the results for the second and the fourth word. */
  readonly apart: number;
  /** The largest difference between the results for "saw a saw I", put back in order, and those for "I saw a saw". */
  readonly moved: number;
}

/** "I saw a saw" and the same words in another order, as rows of a table. */
const sentence = Int32Array.of(0, 1, 2, 1);
const order = [1, 2, 3, 0] as const;

/** Runs the two sentences through drawn weights, the same for every network but for what its positions add. */
export async function seeSaw(backend: Backend, { pattern, changes }: SawNetwork, seed: number): Promise<SawResult> {
  const model = modelOf(changes);
  const drawn = initialWeights(describeModelWeights(model), seed);
  const random = randomStream(seed, "relative");
  for (const [name, { values }] of drawn) {
    // Tables of biases begin at zero, as if there were none.
    if (name.endsWith(".relative")) values.forEach((_, i) => (values[i] = 2 * random.uniform() - 1));
  }
  const uploaded = uploadWeights(backend, drawn);
  const workspace = backend.workspace();
  try {
    const weights = layoutModel(model, uploaded.find);
    const scoresOf = async (values: Int32Array): Promise<Float32Array> => {
      const features = { offsets: Int32Array.of(0, 4), values, pattern };
      return workspace.read((await runModel(backend, workspace, model, weights, features)).hidden);
    };
    const straight = await scoresOf(sentence);
    const turned = await scoresOf(Int32Array.from(order, (word) => sentence[word]!));
    const { width } = model.encoder;
    const row = (rows: Float32Array, r: number): Float32Array => rows.subarray(r * width, (r + 1) * width);
    return {
      apart: largestDifference(row(straight, 1), row(straight, 3)),
      moved: Math.max(...order.map((word, place) => largestDifference(row(turned, place), row(straight, word)))),
    };
  } finally {
    workspace[dispose]();
    uploaded[dispose]();
  }
}

function modelOf(changes: Partial<EncoderConfig>): ModelConfig {
  return {
    input: { kind: "embeddings", rows: 3, columns: 1, norm: true },
    encoder: {
      layers: 2,
      width: 16,
      heads: 2,
      feedForwardWidth: 32,
      activation: "gelu",
      norm: "layer",
      placement: "pre",
      epsilon: 1e-5,
      positions: { kind: "none" },
      ...changes,
    },
    head: { kind: "position-labels", labels: 2 },
  };
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
