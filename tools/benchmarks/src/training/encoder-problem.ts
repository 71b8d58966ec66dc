// What both sides differentiate: a pre-norm encoder over rows that are given, scores of labels for each position, and the
// cross-entropy of drawn labels, a mean over the positions that count.
import {
  describeLayout,
  type EncoderConfig,
  type EncoderWeights,
  initialWeights,
  layoutEncoder,
  layoutPositionLabels,
  type LinearWeights,
  type WeightLeaf,
  type Weights,
  type WeightSpec,
} from "@saccade/attention-core";
import type { Expected, HostArray } from "../contestant.ts";
import { createRandom, randomNormals } from "../random.ts";

export const labels = 17;

export const config: EncoderConfig = {
  layers: 4,
  width: 256,
  heads: 8,
  feedForwardWidth: 1024,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "none" },
};

/** A batch of sentences: rows [P, W] of the words, and a label for each. */
export interface LabelledBatch {
  /** [N + 1] */
  readonly offsets: Int32Array;
  readonly rows: HostArray;
  /** [P] */
  readonly labels: Int32Array;
}

/** The tree of all weights. */
export interface TaggerWeights<T> {
  readonly encoder: EncoderWeights<T>;
  readonly head: LinearWeights<T>;
}

/** Finds or describes the weights. */
export function layoutTagger<T>(leaf: WeightLeaf<T>): TaggerWeights<T> {
  return {
    encoder: layoutEncoder(config, leaf),
    head: layoutPositionLabels({ width: config.width, labels }, leaf),
  };
}

export const taggerSpecs = (): WeightSpec[] => describeLayout(layoutTagger);

/** Initial weights, their biases drawn too: a bias of 0 would hide whoever leaves it out. */
export function taggerWeights(seed: number): Weights {
  const weights = new Map(initialWeights(taggerSpecs(), seed));
  let drawn = seed;
  for (const { name, shape, role } of taggerSpecs()) {
    if (role !== "bias") continue;
    const values = randomNormals(shape[0]!, ++drawn).map((value) => value * 0.02);
    weights.set(name, { values, shape });
  }
  return weights;
}

/** Sentences of `lengths` with drawn rows and labels. */
export function drawBatch(lengths: Int32Array, seed: number): LabelledBatch {
  const offsets = new Int32Array(lengths.length + 1);
  for (const [n, length] of lengths.entries()) offsets[n + 1] = offsets[n]! + length;
  const positions = offsets.at(-1)!;
  const random = createRandom(seed);
  return {
    offsets,
    rows: randomNormals(positions * config.width, seed + 1),
    labels: Int32Array.from({ length: positions }, () => Math.floor(random() * labels)),
  };
}

/** Sentences `chosen` of `batch` alone. */
export function chooseSentences(batch: LabelledBatch, chosen: readonly number[]): LabelledBatch {
  const { width } = config;
  const spans = chosen.map((n) => [batch.offsets[n]!, batch.offsets[n + 1]!] as const);
  const offsets = Int32Array.of(0, ...spans.map(([from, to]) => to - from));
  for (let n = 1; n < offsets.length; n++) offsets[n]! += offsets[n - 1]!;
  const rows = new Float32Array(offsets.at(-1)! * width);
  const chosenLabels = new Int32Array(offsets.at(-1)!);
  for (const [n, [from, to]] of spans.entries()) {
    rows.set(batch.rows.subarray(from * width, to * width), offsets[n]! * width);
    chosenLabels.set(batch.labels.subarray(from, to), offsets[n]!);
  }
  return { offsets, rows, labels: chosenLabels };
}

/** 1 for the positions of sentences `chosen`, 0 for the others: [P]. */
export function weightsOfSentences({ offsets }: LabelledBatch, chosen: readonly number[]): Float32Array {
  const counts = new Float32Array(offsets.at(-1)!);
  for (const n of chosen) counts.fill(1, offsets[n]!, offsets[n + 1]!);
  return counts;
}

/** Elements of a tensor that are compared. */
const sampled = 2000;

/**
 * Up to 2,000 gradients of each weight, evenly spread, out of `gradients`, all of them in the order of `taggerSpecs`.
 * A weight and its bias are of one scale: softmax does not see the bias of the keys, whose gradient is nothing but rounding.
 */
export function sampleGradients(gradients: HostArray): Expected {
  const rows: number[] = [];
  const groups: number[] = [];
  const numbers = new Map<string, number>();
  let first = 0;
  for (const { name, shape } of taggerSpecs()) {
    const size = shape.reduce((product, length) => product * length, 1);
    const map = name.slice(0, name.lastIndexOf("."));
    if (!numbers.has(map)) numbers.set(map, numbers.size);
    const step = Math.max(1, (size - 1) / (sampled - 1));
    for (let at = 0; Math.round(at) < size; at += step) {
      rows.push(first + Math.round(at));
      groups.push(numbers.get(map)!);
    }
    first += size;
  }
  return {
    rows: Int32Array.from(rows),
    groups: Int32Array.from(groups),
    width: 1,
    values: Float32Array.from(rows, (row) => gradients[row]!),
  };
}
