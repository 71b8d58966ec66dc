// The network that labels a text: rows of a table, pooled by attention, and a linear map. It starts from what counting says
// (Wang and Manning 2012, "Baselines and Bigrams": log-count ratios of naive Bayes).

import {
  describeModelWeights,
  type HostTensor,
  initialWeights,
  type ModelConfig,
  type Weights,
} from "@saccade/attention-core";
import type { ClassifierTraining, LabelledIds } from "./train-classifier.ts";

/** How much smaller embeddings start than `initialWeights` draws them: sums of few rows should begin near their ratios. */
const startOfRows = 0.4;

/** A network of `heads` heads of `width` columns each, for two labels. */
export function classifierModel(rows: number, columns: number, width: number, heads = 1): ModelConfig {
  return {
    input: { kind: "embeddings", rows, columns },
    encoder: {
      layers: 0,
      width: heads * width,
      heads,
      feedForwardWidth: width,
      activation: "gelu",
      norm: "layer",
      placement: "post",
      epsilon: 1e-5,
      positions: { kind: "none" },
    },
    head: { kind: "set-label", labels: 2, pooling: { kind: "attention", heads, projections: false } },
  };
}

/** Drawn weights, but for the first column of the table: there log-count ratios, by which the output begins. */
export function startWeights(
  model: ModelConfig,
  rows: number,
  { train, settings, seed }: Pick<ClassifierTraining, "train" | "settings" | "seed">,
): Weights {
  const { width, counts } = settings;
  const drawn = initialWeights(describeModelWeights(model), seed);
  const ratios = logCountRatios(train, rows);
  const table = drawn.get("input.table")!.values;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) table[row * width + column]! *= startOfRows;
    table[row * width] = counts.ratios * ratios[row]!;
  }
  const output = drawn.get("head.output.weight")!.values;
  output[0] = -counts.output;
  output[1] = counts.output;
  return drawn;
}

/** ln of how much more often texts with label 1 have a row than those with label 0, each count plus a half: [V]. */
function logCountRatios(train: readonly LabelledIds[], rows: number): Float64Array {
  const counts = [new Float64Array(rows).fill(0.5), new Float64Array(rows).fill(0.5)] as const;
  for (const { ids, label } of train) {
    for (const id of new Set(ids)) if (id >= 0) counts[label as 0 | 1][id]! += 1;
  }
  const [none, some] = counts.map((each) => each.reduce((sum, value) => sum + value, 0)) as [number, number];
  return counts[1].map((count, row) => Math.log(count / some / (counts[0][row]! / none)));
}

/**
 * The weights of one network of as many heads as `networks`, whose scores are the mean of theirs: each attends by its own
 * columns, so rows stand side by side and the outputs, divided by their number, one below the other.
 */
export function joinClassifiers(networks: readonly Weights[]): Weights {
  const joined = new Map<string, HostTensor>();
  const share = 1 / networks.length;
  for (const [name, { shape }] of networks[0]!) {
    const all = networks.map((weights) => weights.get(name)!.values);
    if (name === "head.output.bias") {
      joined.set(name, { shape, values: all[0]!.map((_, i) => share * sumOf(all, i)) });
    } else if (name === "head.output.weight") {
      const values = Float32Array.from(all.flatMap((own) => Array.from(own, (value) => share * value)));
      joined.set(name, { shape: [networks.length * shape[0]!, shape[1]!], values });
    } else {
      const [rows, width] = [shape[0]!, shape[1]!];
      const values = new Float32Array(rows * width * networks.length);
      for (let row = 0; row < rows; row += 1) {
        all.forEach((own, n) =>
          values.set(own.subarray(row * width, (row + 1) * width), (row * networks.length + n) * width),
        );
      }
      joined.set(name, { shape: [rows, networks.length * width], values });
    }
  }
  return joined;
}

function sumOf(lists: readonly Float32Array[], at: number): number {
  return lists.reduce((sum, values) => sum + values[at]!, 0);
}
