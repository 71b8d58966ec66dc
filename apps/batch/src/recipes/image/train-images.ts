// Trains a network that labels images, or the patches of images: one loop for all recipes of this folder. What a batch is
// made of, and how it is changed from epoch to epoch, is the recipe's.

import {
  describeModelWeights,
  dispose,
  type Features,
  initialWeights,
  layoutModel,
  type ModelConfig,
  type ModelWeights,
  type RandomStream,
  runModel,
  type Weights,
} from "@saccade/attention-core";
import {
  crossEntropy,
  type DifferentiableBackend,
  dropBranches,
  fit,
  type FitProgress,
  shuffledBatches,
  uploadParameters,
} from "@saccade/training";
import type { CheckpointStore } from "../recipe.ts";

/** How much of what is dropped, and how fast to learn. */
export interface ImageSettings {
  readonly epochs: number;
  /** Images in a batch. */
  readonly images: number;
  readonly rate: number;
  /** The share of steps in which the rate rises. */
  readonly warmup: number;
  readonly beta2: number;
  readonly decay: number;
  readonly averaging: number;
  readonly smoothing: number;
  readonly dropout: {
    /** Of the outputs of blocks. */
    readonly branches: number;
    /** Of the rows before the head that labels positions, or of the pooled row. */
    readonly pooled: number;
  };
}

/** A batch: images as a network reads them, and a label for each, or for each of their patches. */
export interface ImageBatch {
  readonly features: Features;
  /** [N] or [P], -1 for one that does not count. */
  readonly labels: Int32Array;
}

/** Where a batch is asked for: in a step of training, or with none for the images as they are. */
export interface BatchNoise {
  readonly epoch: number;
  readonly random: RandomStream;
}

/** Images to learn from or to be measured by. */
export interface ImageSource {
  /** N. */
  readonly count: number;
  /** The images of these numbers; changed, if there is noise. */
  batch(numbers: Int32Array, noise?: BatchNoise): ImageBatch;
}

/** What to train on and how. */
export interface ImageTraining {
  readonly name: string;
  readonly model: ModelConfig;
  /** Default those of `initialWeights`. */
  readonly start?: Weights | undefined;
  readonly train: ImageSource;
  readonly dev: ImageSource;
  readonly settings: ImageSettings;
  readonly seed: number;
  readonly backend: DifferentiableBackend;
  readonly checkpoints: CheckpointStore;
  readonly onProgress: (part: string, progress: FitProgress) => void;
  readonly signal: AbortSignal;
}

/** Images in a batch when nothing is learned. */
const measured = 250;

/** A network that was trained: averaged weights of the epoch that is best on `dev`, and the share of labels right there. */
export interface TrainedImages {
  readonly weights: Weights;
  readonly metric: number;
}

/** Trains, or goes on from a checkpoint. Rejects as `fit` does. */
export async function trainImages(training: ImageTraining): Promise<TrainedImages> {
  const { name, model, train, dev, settings, seed, backend, checkpoints, signal } = training;
  const { dropout, epochs, images, smoothing } = settings;
  const specs = describeModelWeights(model);
  const parameters = uploadParameters(backend, specs, training.start ?? initialWeights(specs, seed));
  try {
    const weights = layoutModel(model, parameters.find);
    const batches = shuffledBatches(new Int32Array(train.count).fill(1), { positions: images, seed });
    const steps = epochs * batches(0).length;
    const result = await fit({
      backend,
      parameters,
      batches,
      forward: async (tape, numbers, { epoch: number, random }) => {
        const { features, labels } = train.batch(numbers, { epoch: number, random });
        const drop = dropBranches(tape, dropout.pooled);
        const { scores } = await runModel(backend, tape, model, weights, features, {
          ...(dropout.branches > 0 && { onBranch: dropBranches(tape, dropout.branches) }),
          ...(model.head.kind === "set-label" ? { onPooled: drop } : { onHidden: drop }),
        });
        return [{ scores, loss: (values: Float32Array) => crossEntropy(values, labels, { smoothing }) }];
      },
      optimizer: {
        kind: "adamW",
        beta2: settings.beta2,
        decay: settings.decay,
        decays: ["matrix"],
        averaging: settings.averaging,
      },
      schedule: { kind: "cosine", rate: settings.rate, warmup: Math.round(settings.warmup * steps) },
      epochs,
      seed,
      clip: 1,
      evaluate: async () => imageAccuracy(backend, model, weights, dev, signal),
      positions: (numbers) => numbers.length,
      identity: { name, model: JSON.stringify(model), settings: JSON.stringify(settings), images: train.count },
      save: async (checkpoint) => checkpoints.save(name, checkpoint),
      resume: await checkpoints.load(name),
      onProgress: (progress) => training.onProgress(name, progress),
      signal,
    });
    return { weights: result.weights, metric: result.best?.metric ?? 0 };
  } finally {
    parameters[dispose]();
  }
}

/** The share of labels that the weights on the device find. */
export async function imageAccuracy(
  backend: DifferentiableBackend,
  model: ModelConfig,
  weights: ModelWeights,
  source: ImageSource,
  signal: AbortSignal,
): Promise<number> {
  let [right, count] = [0, 0];
  for (let from = 0; from < source.count; from += measured) {
    const numbers = Int32Array.from({ length: Math.min(measured, source.count - from) }, (_, i) => from + i);
    const { features, labels } = source.batch(numbers);
    const workspace = backend.workspace(signal);
    try {
      const { scores } = await runModel(backend, workspace, model, weights, features);
      const values = await workspace.read(scores);
      labels.forEach((label, row) => {
        if (label < 0) return;
        count += 1;
        if (largestOf(values, row * model.head.labels, model.head.labels) === label) right += 1;
      });
    } finally {
      workspace[dispose]();
    }
  }
  return right / count;
}

function largestOf(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i += 1) if (values[from + i]! > values[from + best]!) best = i;
  return best;
}
