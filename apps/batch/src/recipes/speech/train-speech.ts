// Trains a network that hears: clips are made anew for each step, out of recordings and what augmentation draws.

import {
  describeLayout,
  describeModelWeights,
  dispose,
  initialWeights,
  layoutModel,
  layoutPositionLabels,
  type LinearWeights,
  type RandomStream,
  scorePositions,
  runModel,
  type Tensor,
  type WeightLeaf,
  type Weights,
} from "@saccade/attention-core";
import { speechFeatures, type SpeechModelConfig } from "@saccade/speech-frames";
import { dropBranches, fit, type LossTerm, shuffledBatches, uploadParameters } from "@saccade/training";
import type { RecipeRun } from "../recipe.ts";

/** How much is dropped, and how fast to learn. */
export interface SpeechSettings {
  readonly epochs: number;
  /** Clips in a batch. */
  readonly clips: number;
  readonly rate: number;
  readonly decay: number;
  readonly averaging: number;
  readonly smoothing: number;
  readonly dropout: { readonly branches: number; readonly hidden: number; readonly attention: number };
}

/** A clip to learn from. */
export interface SpeechExample {
  /** Log-mel frames [T, M], not normalised. */
  readonly frames: Float32Array;
}

/** What a network says of clips. */
export interface HeardClips {
  /** [P, L], or [N, L] where clips are labelled. */
  readonly scores: Float32Array;
  /** [P, A], by the auxiliary head; empty without one. */
  readonly auxiliary: Float32Array;
  /** Of the positions: [N + 1]. */
  readonly offsets: Int32Array;
}

/** Runs a network over clips, each its log-mel frames [T, M]. */
export type HearClips = (clips: readonly Float32Array[]) => Promise<HeardClips>;

/** The tensors of a step. */
export interface SpeechStep<E> {
  readonly examples: readonly E[];
  readonly offsets: Int32Array;
  readonly scores: Tensor;
  readonly auxiliary: Tensor | null;
}

/** What to train on and how. */
export interface SpeechTraining<E extends SpeechExample> {
  readonly name: string;
  readonly config: SpeechModelConfig;
  /** A, labels of a second head for positions, which is there in training alone; default none. */
  readonly auxiliaryLabels?: number;
  /** Clips in an epoch. */
  readonly count: number;
  /** Clip `n`, as drawn. */
  readonly example: (n: number, random: RandomStream) => E;
  readonly terms: (step: SpeechStep<E>) => readonly LossTerm[];
  /** How good the network is: higher is better. Asked at the end, or every so many epochs, the best of them being kept. */
  readonly metric?: (hear: HearClips) => Promise<number>;
  readonly metricEpochs?: number;
  readonly settings: SpeechSettings;
  readonly seed: number;
  readonly run: Pick<RecipeRun, "backend" | "checkpoints" | "onProgress" | "signal">;
}

/** A network that was trained, on the host. */
export interface TrainedSpeech {
  /** Those of the model. */
  readonly weights: Weights;
  /** Those of the second head, by their own names. */
  readonly auxiliary: Weights;
  readonly metric: number;
  /** Of training, those before a checkpoint too. */
  readonly seconds: number;
}

/** Trains, or goes on from a checkpoint. Rejects as `fit` does. */
export async function trainSpeech<E extends SpeechExample>(training: SpeechTraining<E>): Promise<TrainedSpeech> {
  const { name, config, count, settings, seed, run, metric, auxiliaryLabels } = training;
  const { backend, checkpoints, signal } = run;
  const { model } = config;
  const { dropout, epochs } = settings;
  const modelSpecs = describeModelWeights(model);
  const layoutAuxiliary = <T>(leaf: WeightLeaf<T>): LinearWeights<T> | null =>
    auxiliaryLabels === undefined
      ? null
      : layoutPositionLabels({ width: model.encoder.width, labels: auxiliaryLabels }, leaf, "auxiliary");
  const specs = [...modelSpecs, ...describeLayout((leaf) => layoutAuxiliary(leaf))];
  const parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
  try {
    const weights = layoutModel(model, parameters.find);
    const auxiliary = layoutAuxiliary(parameters.find);
    const hear: HearClips = async (clips) => hearClips(run, config, weights, auxiliary, clips);
    const batches = shuffledBatches(new Int32Array(count).fill(1), { positions: count, sets: settings.clips, seed });
    let seconds = 0;
    const result = await fit({
      backend,
      parameters,
      batches,
      forward: async (tape, numbers, { random }) => {
        const examples = Array.from(numbers, (n) => training.example(n, random));
        const features = speechFeatures(
          config,
          examples.map(({ frames }) => frames),
        );
        const { scores, hidden } = await runModel(backend, tape, model, weights, features, {
          onBranch: dropBranches(tape, dropout.branches),
          onHidden: dropBranches(tape, dropout.hidden),
        });
        return training.terms({
          examples,
          offsets: features.offsets,
          scores,
          auxiliary: auxiliary && scorePositions(tape, auxiliary, hidden),
        });
      },
      optimizer: {
        kind: "adamW",
        beta2: 0.98,
        decay: settings.decay,
        decays: ["matrix"],
        averaging: settings.averaging,
      },
      schedule: { kind: "cosine", rate: settings.rate, warmup: Math.round(0.1 * epochs * batches(0).length) },
      epochs,
      seed,
      clip: 1,
      attentionDropout: dropout.attention,
      ...(metric && { evaluate: async () => metric(hear) }),
      evaluateEvery: (training.metricEpochs ?? epochs) * batches(0).length,
      identity: { name, config: JSON.stringify(config), settings: JSON.stringify(settings), count },
      save: async (checkpoint) => {
        seconds = checkpoint.state.seconds;
        await checkpoints.save(name, checkpoint);
      },
      resume: await checkpoints.load(name),
      onProgress: (progress) => run.onProgress(name, progress),
      signal,
    });
    const known = new Set(modelSpecs.map((spec) => spec.name));
    return {
      weights: new Map([...result.weights].filter(([weight]) => known.has(weight))),
      auxiliary: new Map([...result.weights].filter(([weight]) => !known.has(weight))),
      metric: result.best?.metric ?? 0,
      seconds,
    };
  } finally {
    parameters[dispose]();
  }
}

/** What a network that was trained says of clips. */
export async function hearTrained(
  run: Pick<RecipeRun, "backend" | "signal">,
  config: SpeechModelConfig,
  { weights }: Pick<TrainedSpeech, "weights">,
  clips: readonly Float32Array[],
): Promise<HeardClips> {
  const parameters = uploadParameters(run.backend, describeModelWeights(config.model), weights);
  try {
    return await hearClips(run, config, layoutModel(config.model, parameters.find), null, clips);
  } finally {
    parameters[dispose]();
  }
}

async function hearClips(
  { backend, signal }: Pick<RecipeRun, "backend" | "signal">,
  config: SpeechModelConfig,
  weights: ReturnType<typeof layoutModel<Tensor>>,
  auxiliary: LinearWeights<Tensor> | null,
  clips: readonly Float32Array[],
): Promise<HeardClips> {
  const features = speechFeatures(config, clips);
  const workspace = backend.workspace(signal);
  try {
    const { scores, hidden } = await runModel(backend, workspace, config.model, weights, features);
    return {
      scores: await workspace.read(scores),
      auxiliary: auxiliary ? await workspace.read(scorePositions(workspace, auxiliary, hidden)) : new Float32Array(0),
      offsets: features.offsets,
    };
  } finally {
    workspace[dispose]();
  }
}
