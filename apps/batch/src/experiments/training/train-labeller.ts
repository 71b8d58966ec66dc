// A short training of a network that labels rows or sets: the same loop, optimiser and rate for everything that an
// experiment compares. What differs is in the network and in the features.

import {
  describeModelWeights,
  dispose,
  type Features,
  initialWeights,
  layoutModel,
  type ModelConfig,
  type RandomStream,
  runModel,
  type Tensor,
  type Weights,
} from "@saccade/attention-core";
import { crossEntropy, type DifferentiableBackend, dropBranches, fit, uploadParameters } from "@saccade/training";
import type { ExperimentContext } from "../experiment.ts";

/** Features, and the label of each row of scores; -1 for one that does not count. */
export interface LabelledBatch {
  readonly features: Features;
  readonly labels: Int32Array;
}

/** What is trained, on what, and for how long. */
export interface LabellerTraining {
  /** For progress: "heads 4, seed 2". */
  readonly name: string;
  readonly model: ModelConfig;
  /** The batches of an epoch, as numbers of sets; the same for the same epoch. */
  readonly batches: (epoch: number) => readonly Int32Array[];
  /** The sets of these numbers; `random` is for noise such as hidden words. */
  readonly gather: (numbers: Int32Array, random: RandomStream) => LabelledBatch;
  /** What it is measured on when it is trained, in batches. */
  readonly dev: readonly LabelledBatch[];
  readonly steps: number;
  readonly rate: number;
  /** Of blocks and of what the head reads. */
  readonly dropout: number;
  readonly seed: number;
}

/** A network that was trained. */
export interface TrainedLabeller {
  readonly weights: Weights;
  /** The share of the rows of `dev` with the right label, by the averaged weights at the end. */
  readonly accuracy: number;
  readonly parameters: number;
}

/** Trains from drawn weights: AdamW, a cosine after a tenth of warm-up, averaged weights. Rejects as `fit` does. */
export async function trainLabeller(
  { backend, onProgress, signal }: Pick<ExperimentContext, "backend" | "onProgress" | "signal">,
  training: LabellerTraining,
): Promise<TrainedLabeller> {
  const { name, model, steps, rate, dropout, seed } = training;
  const specs = describeModelWeights(model);
  const parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
  try {
    const layout = layoutModel<Tensor>(model, parameters.find);
    const { weights, best } = await fit({
      backend,
      parameters,
      batches: training.batches,
      forward: async (tape, numbers, { random }) => {
        const { features, labels } = training.gather(numbers, random);
        const drop = dropout > 0 ? dropBranches(tape, dropout) : undefined;
        const { scores } = await runModel(backend, tape, model, layout, features, { onBranch: drop, onHidden: drop });
        return [{ scores, loss: (values) => crossEntropy(values, labels, { smoothing: 0.1 }) }];
      },
      optimizer: { kind: "adamW", beta2: 0.98, decay: 0.02, decays: ["matrix"], averaging: 0.99 },
      schedule: { kind: "cosine", rate, warmup: Math.round(0.1 * steps) },
      steps,
      seed,
      clip: 1,
      evaluate: async () => accuracyWith(backend, model, layout, training.dev, signal),
      evaluateEvery: Math.max(1, steps),
      onProgress: (progress) => onProgress(name, progress),
      signal,
    });
    let count = 0;
    for (const { values } of weights.values()) count += values.length;
    return { weights, accuracy: best?.metric ?? 0, parameters: count };
  } finally {
    parameters[dispose]();
  }
}

/** The share of the rows of `batches` that a trained network labels rightly, as `model` runs it: another pattern, another normalizer. */
export async function accuracyOf(
  { backend, signal }: Pick<ExperimentContext, "backend" | "signal">,
  model: ModelConfig,
  weights: Weights,
  batches: readonly LabelledBatch[],
): Promise<number> {
  const parameters = uploadParameters(backend, describeModelWeights(model), weights);
  try {
    return await accuracyWith(backend, model, layoutModel<Tensor>(model, parameters.find), batches, signal);
  } finally {
    parameters[dispose]();
  }
}

async function accuracyWith(
  backend: DifferentiableBackend,
  model: ModelConfig,
  layout: ReturnType<typeof layoutModel<Tensor>>,
  batches: readonly LabelledBatch[],
  signal: AbortSignal,
): Promise<number> {
  const L = model.head.labels;
  let [right, count] = [0, 0];
  for (const { features, labels } of batches) {
    const workspace = backend.workspace(signal);
    try {
      const { scores } = await runModel(backend, workspace, model, layout, features);
      const values = await workspace.read(scores);
      for (const [row, label] of labels.entries()) {
        if (label < 0) continue;
        count += 1;
        if (largestAt(values, row * L, L) === label) right += 1;
      }
    } finally {
      workspace[dispose]();
    }
  }
  return count === 0 ? 0 : right / count;
}

/** The number of the largest of `length` values from `first` on, the first of equals. */
function largestAt(values: Float32Array, first: number, length: number): number {
  let largest = 0;
  for (let i = 1; i < length; i += 1) if (values[first + i]! > values[first + largest]!) largest = i;
  return largest;
}
