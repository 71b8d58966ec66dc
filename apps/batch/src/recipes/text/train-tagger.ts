// Trains a tagger of words: one network with a head for the labels that are wanted and, in training, heads for others that
// help it see more in a word (Caruana 1997, "Multitask learning").

import {
  describeLayout,
  describeModelWeights,
  dispose,
  type Features,
  initialWeights,
  layoutModel,
  layoutPositionLabels,
  type LinearWeights,
  type ModelConfig,
  type RandomStream,
  runModel,
  scorePositions,
  type Tensor,
  type WeightLeaf,
  type Weights,
} from "@saccade/attention-core";
import {
  crossEntropy,
  type DifferentiableBackend,
  distillation,
  dropBranches,
  fit,
  type FitProgress,
  type LossTerm,
  shuffledBatches,
  type Tape,
  uploadParameters,
} from "@saccade/training";
import type { CheckpointStore } from "../recipe.ts";
import { labelsFound } from "./run-tagger.ts";
import { columnsOf, gather, gatherTeacher, hideWords } from "./tagger-batches.ts";
import type { LabelKind, TaggedSentence } from "./tagger-data.ts";

/** How much of what is dropped, and how fast to learn. */
export interface TaggerSettings {
  readonly epochs: number;
  /** Words in a batch, about. */
  readonly words: number;
  readonly rate: number;
  readonly decay: number;
  readonly averaging: number;
  readonly smoothing: number;
  /** The weight of all auxiliary heads together. */
  readonly auxiliary: number;
  readonly dropout: {
    readonly input: number;
    readonly branches: number;
    readonly hidden: number;
    readonly attention: number;
    /** The share of words whose identity is hidden, so that the network learns to go by form and context. */
    readonly words: number;
  };
}

/** What to train on and how. */
export interface TaggerTraining {
  readonly name: string;
  readonly model: ModelConfig;
  readonly pattern: Features["pattern"];
  /** The labels that are wanted, then those of auxiliary heads. */
  readonly kinds: readonly LabelKind[];
  /** Columns of the ids that say which word it is: those that `settings.dropout.words` hides. */
  readonly identity: readonly number[];
  readonly train: readonly TaggedSentence[];
  readonly dev: readonly TaggedSentence[];
  /** Probabilities of labels of the first kind [P, L] for each sentence of `train`, to learn from beside the labels. */
  readonly teacher?: readonly Float32Array[] | undefined;
  /** How good the labels found for the words of each sentence of `dev` are; default: the share of words that are right. */
  readonly metric?: ((found: readonly Int32Array[]) => number) | undefined;
  readonly settings: TaggerSettings;
  readonly seed: number;
  readonly backend: DifferentiableBackend;
  readonly checkpoints: CheckpointStore;
  readonly onProgress: (part: string, progress: FitProgress) => void;
  readonly signal: AbortSignal;
}

/** A network that was trained, on the host. */
export interface TrainedTagger {
  /** Those of `model`, without the auxiliary heads. */
  readonly weights: Weights;
  /** On `dev`: of the weights that were best there. */
  readonly metric: number;
}

/** How much the labels count beside a teacher. */
const labelShare = 0.3;

/** Trains, or goes on from a checkpoint. Rejects as `fit` does. */
export async function trainTagger(training: TaggerTraining): Promise<TrainedTagger> {
  const { name, model, kinds, train, dev, settings, seed, backend, checkpoints, signal } = training;
  const { dropout } = settings;
  const metric = training.metric ?? ((found: readonly Int32Array[]): number => accuracyOf(dev, found));
  const { width } = model.encoder;
  const layoutAuxiliary = <T>(leaf: WeightLeaf<T>): LinearWeights<T>[] =>
    kinds
      .slice(1)
      .map((kind) => layoutPositionLabels({ width, labels: kind.labels.length }, leaf, `auxiliary.${kind.name}`));
  const modelSpecs = describeModelWeights(model);
  const specs = [...modelSpecs, ...describeLayout((leaf) => layoutAuxiliary(leaf))];
  const parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
  try {
    const weights = layoutModel(model, parameters.find);
    const auxiliary = layoutAuxiliary(parameters.find);
    const forward = async (tape: Tape, numbers: Int32Array, random: RandomStream): Promise<LossTerm[]> => {
      const batch = gather(train, numbers, training.pattern);
      hideWords(batch.features.values as Int32Array, columnsOf(model), training.identity, dropout.words, random);
      const { scores, hidden } = await runModel(backend, tape, model, weights, batch.features, {
        onInput: dropBranches(tape, dropout.input),
        onBranch: dropBranches(tape, dropout.branches),
        onHidden: dropBranches(tape, dropout.hidden),
      });
      const { smoothing } = settings;
      const termOf = (tensor: Tensor, labels: Int32Array, weight: number): LossTerm => ({
        scores: tensor,
        weight,
        loss: (values) => crossEntropy(values, labels, { smoothing }),
      });
      const teacher = training.teacher && gatherTeacher(training.teacher, numbers);
      const positions = batch.labels[0]!.length;
      return [
        termOf(scores, batch.labels[0]!, teacher ? labelShare : 1),
        ...(teacher
          ? [
              {
                scores,
                weight: 1 - labelShare,
                loss: (values: Float32Array) => distillation(values, teacher, positions),
              },
            ]
          : []),
        ...auxiliary.map((head, i) =>
          termOf(scorePositions(tape, head, hidden), batch.labels[i + 1]!, settings.auxiliary / auxiliary.length),
        ),
      ];
    };
    const lengths = train.map(({ words }) => words.length);
    const batches = shuffledBatches(lengths, { positions: settings.words, seed, bucket: 50 });
    const result = await fit({
      backend,
      parameters,
      batches,
      forward: async (tape, numbers, { random }) => forward(tape, numbers, random),
      optimizer: {
        kind: "adamW",
        beta2: 0.98,
        decay: settings.decay,
        decays: ["matrix"],
        averaging: settings.averaging,
      },
      schedule: { kind: "cosine", rate: settings.rate, warmup: Math.round(0.1 * settings.epochs * batches(0).length) },
      epochs: settings.epochs,
      seed,
      clip: 1,
      attentionDropout: dropout.attention,
      evaluate: async () => metric(await labelsFound(backend, model, weights, dev, training.pattern, signal)),
      evaluateEvery: 2 * batches(0).length,
      identity: {
        name,
        model: JSON.stringify(model),
        settings: JSON.stringify(settings),
        sentences: train.length,
        taught: training.teacher !== undefined,
      },
      save: async (checkpoint) => checkpoints.save(name, checkpoint),
      resume: await checkpoints.load(name),
      onProgress: (progress) => training.onProgress(name, progress),
      signal,
    });
    const known = new Set(modelSpecs.map((spec) => spec.name));
    return {
      weights: new Map([...result.weights].filter(([weight]) => known.has(weight))),
      metric: result.best?.metric ?? 0,
    };
  } finally {
    parameters[dispose]();
  }
}

function accuracyOf(sentences: readonly TaggedSentence[], found: readonly Int32Array[]): number {
  let [right, words] = [0, 0];
  sentences.forEach(({ labels }, n) => {
    words += found[n]!.length;
    found[n]!.forEach((label, i) => {
      if (label === labels[0]![i]) right += 1;
    });
  });
  return right / words;
}
