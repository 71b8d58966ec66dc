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

/** Probabilities [P, L] of the first kind of labels for each of `sentences`, by a network on the host. */
export async function teach(
  backend: DifferentiableBackend,
  model: ModelConfig,
  pattern: Features["pattern"],
  weights: Weights,
  sentences: readonly TaggedSentence[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const parameters = uploadParameters(backend, describeModelWeights(model), weights);
  try {
    const layout = layoutModel(model, parameters.find);
    const all: Float32Array[] = [];
    for (const numbers of inOrder(sentences)) {
      const { features } = gather(sentences, numbers, pattern);
      const workspace = backend.workspace(signal);
      const { scores } = await runModel(backend, workspace, model, layout, features);
      const values = await workspace.read(workspace.softmax(scores));
      workspace[dispose]();
      for (let n = 0; n < numbers.length; n += 1) {
        const { labels } = model.head;
        all.push(values.slice(features.offsets[n]! * labels, features.offsets[n + 1]! * labels));
      }
    }
    return all;
  } finally {
    parameters[dispose]();
  }
}

/** The most probable label of the first kind for each word [P] of each of `sentences`. */
async function labelsFound(
  backend: DifferentiableBackend,
  model: ModelConfig,
  weights: ReturnType<typeof layoutModel<Tensor>>,
  sentences: readonly TaggedSentence[],
  pattern: Features["pattern"],
  signal: AbortSignal,
): Promise<Int32Array[]> {
  const all: Int32Array[] = [];
  for (const numbers of inOrder(sentences)) {
    const { features } = gather(sentences, numbers, pattern);
    const workspace = backend.workspace(signal);
    const { scores } = await runModel(backend, workspace, model, weights, features);
    const values = await workspace.read(scores);
    workspace[dispose]();
    const L = model.head.labels;
    const { offsets } = features;
    numbers.forEach((_, n) => {
      all.push(
        Int32Array.from({ length: offsets[n + 1]! - offsets[n]! }, (__, i) => {
          const own = values.subarray((offsets[n]! + i) * L, (offsets[n]! + i + 1) * L);
          return own.indexOf(Math.max(...own));
        }),
      );
    });
  }
  return all;
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

interface TaggedBatch {
  readonly features: Features;
  readonly labels: readonly Int32Array[];
}

function gather(sentences: readonly TaggedSentence[], numbers: Int32Array, pattern: Features["pattern"]): TaggedBatch {
  const chosen = Array.from(numbers, (n) => sentences[n]!);
  const offsets = new Int32Array(chosen.length + 1);
  chosen.forEach(({ words }, n) => (offsets[n + 1] = offsets[n]! + words.length));
  const kinds = chosen[0]?.labels.length ?? 0;
  return {
    features: { offsets, pattern, values: joined(chosen.map(({ ids }) => ids)) },
    labels: Array.from({ length: kinds }, (_, kind) => joined(chosen.map(({ labels }) => labels[kind]!))),
  };
}

function gatherTeacher(teacher: readonly Float32Array[], numbers: Int32Array): Float32Array {
  const parts = Array.from(numbers, (n) => teacher[n]!);
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function inOrder(sentences: readonly TaggedSentence[]): Int32Array[] {
  const batches: Int32Array[] = [];
  let [first, words] = [0, 0];
  for (let n = 0; n < sentences.length; n += 1) {
    words += sentences[n]!.words.length;
    if (words < 4000 && n + 1 < sentences.length) continue;
    batches.push(Int32Array.from({ length: n + 1 - first }, (_, i) => first + i));
    [first, words] = [n + 1, 0];
  }
  return batches;
}

function columnsOf({ input }: ModelConfig): number {
  return input.kind === "embeddings" ? input.columns : input.width;
}

function hideWords(
  ids: Int32Array,
  columns: number,
  hidden: readonly number[],
  share: number,
  random: RandomStream,
): void {
  for (let first = 0; first < ids.length; first += columns) {
    if (random.uniform() >= share) continue;
    for (const column of hidden) ids[first + column] = -1;
  }
}
