// Trains a network without layers that labels a text.

import {
  describeModelWeights,
  dispose,
  type Features,
  layoutModel,
  type ModelConfig,
  type RandomStream,
  runModel,
  type Tensor,
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
import { classifierModel, startWeights } from "./classifier-network.ts";

/** A text in numbers. */
export interface LabelledIds {
  /** Rows of the table [P, T], -1 for none. */
  readonly ids: Int32Array;
  readonly positions: number;
  /** 0 or 1. */
  readonly label: number;
}

/** How much of what is hidden, and how fast to learn. */
export interface ClassifierSettings {
  readonly width: number;
  readonly epochs: number;
  /** Texts in a batch. */
  readonly texts: number;
  readonly rate: number;
  readonly decay: number;
  readonly averaging: number;
  readonly smoothing: number;
  readonly dropout: {
    /** Of the sums of rows. */
    readonly input: number;
    /** Of the pooled row. */
    readonly pooled: number;
    /** The share of ids that are hidden. */
    readonly ids: number;
  };
  /** How a network starts from counts: the factor of log-count ratios, and how much the output goes by them. */
  readonly counts: { readonly ratios: number; readonly output: number };
}

/** What to train on and how. */
export interface ClassifierTraining {
  readonly name: string;
  /** V. */
  readonly rows: number;
  /** T. */
  readonly columns: number;
  readonly train: readonly LabelledIds[];
  readonly settings: ClassifierSettings;
  readonly seed: number;
  readonly backend: DifferentiableBackend;
  readonly checkpoints: CheckpointStore;
  readonly onProgress: (part: string, progress: FitProgress) => void;
  readonly signal: AbortSignal;
}

/** Trains one network, or goes on from a checkpoint. Rejects as `fit` does. */
export async function trainClassifier(training: ClassifierTraining): Promise<Weights> {
  const { name, rows, columns, train, settings, seed, backend, checkpoints, signal } = training;
  const { dropout, epochs, width, texts, rate, smoothing } = settings;
  const model = classifierModel(rows, columns, width);
  const parameters = uploadParameters(backend, describeModelWeights(model), startWeights(model, rows, training));
  try {
    const weights = layoutModel(model, parameters.find);
    const lengths = train.map(({ positions }) => positions);
    const batches = shuffledBatches(lengths, { positions: Number.MAX_SAFE_INTEGER, sets: texts, seed });
    const { weights: trained } = await fit({
      backend,
      parameters,
      batches,
      forward: async (tape, numbers, { random }) => {
        const chosen = Array.from(numbers, (n) => train[n]!);
        const features = gatherTexts(chosen);
        hideIds(features.values as Int32Array, dropout.ids, random);
        const { scores } = await runModel(backend, tape, model, weights, features, {
          onInput: dropBranches(tape, dropout.input),
          onPooled: dropBranches(tape, dropout.pooled),
        });
        const labels = Int32Array.from(chosen, ({ label }) => label);
        return [{ scores, loss: (values: Float32Array) => crossEntropy(values, labels, { smoothing }) }];
      },
      optimizer: { kind: "adamW", beta2: 0.98, decay: settings.decay, averaging: settings.averaging },
      schedule: { kind: "cosine", rate, warmup: Math.round(0.1 * epochs * batches(0).length) },
      epochs,
      seed,
      clip: 1,
      identity: { name, model: JSON.stringify(model), settings: JSON.stringify(settings), texts: train.length },
      save: async (checkpoint) => checkpoints.save(name, checkpoint),
      resume: await checkpoints.load(name),
      onProgress: (progress) => training.onProgress(name, progress),
      signal,
    });
    return trained;
  } finally {
    parameters[dispose]();
  }
}

/** The share of texts whose label `weights` find. */
export async function classifierAccuracy(
  backend: DifferentiableBackend,
  model: ModelConfig,
  weights: Weights,
  texts: readonly LabelledIds[],
  signal: AbortSignal,
): Promise<number> {
  const parameters = uploadParameters(backend, describeModelWeights(model), weights);
  const workspace = backend.workspace(signal);
  try {
    const layout = layoutModel<Tensor>(model, parameters.find);
    const { scores } = await runModel(backend, workspace, model, layout, gatherTexts(texts));
    const values = await workspace.read(scores);
    return texts.filter(({ label }, n) => values[2 * n + label]! > values[2 * n + 1 - label]!).length / texts.length;
  } finally {
    workspace[dispose]();
    parameters[dispose]();
  }
}

function gatherTexts(texts: readonly LabelledIds[]): Features {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach(({ positions }, n) => (offsets[n + 1] = offsets[n]! + positions));
  const values = new Int32Array(texts.reduce((sum, { ids }) => sum + ids.length, 0));
  let at = 0;
  for (const { ids } of texts) {
    values.set(ids, at);
    at += ids.length;
  }
  return { offsets, values, pattern: { kind: "full" } };
}

function hideIds(ids: Int32Array, share: number, random: RandomStream): void {
  for (let i = 0; i < ids.length; i += 1) if (random.uniform() < share) ids[i] = -1;
}
