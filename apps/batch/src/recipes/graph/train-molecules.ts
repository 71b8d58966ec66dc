// Trains a network that gives a number to a molecule.

import { dispose, type HostTensor, initialWeights, type Weights, type WeightSpec } from "@saccade/attention-core";
import { type Graph, graphFeatures, graphNetwork, type GraphNetworkConfig } from "@saccade/graph-nodes";
import {
  type DifferentiableBackend,
  dropBranches,
  fit,
  type FitProgress,
  shuffledBatches,
  squaredError,
  uploadParameters,
} from "@saccade/training";
import type { CheckpointStore } from "../recipe.ts";

/** A molecule in numbers, and what is known of it. */
export interface MeasuredGraph {
  readonly graph: Graph;
  /** What is wanted; NaN where it was not measured. */
  readonly value: number;
  /** Other numbers that are learned beside it, as many for each molecule; NaN where one is not known. */
  readonly beside: readonly number[];
}

/** How much of what is hidden, and how fast to learn. */
export interface MoleculeSettings {
  readonly epochs: number;
  /** Molecules in a batch. */
  readonly molecules: number;
  readonly rate: number;
  readonly decay: number;
  readonly averaging: number;
  /** How much the numbers count that are learned beside. */
  readonly beside: number;
  readonly dropout: {
    /** Of what attention and feed-forward blocks add. */
    readonly branches: number;
    /** Of what the readouts pool. */
    readonly pooled: number;
    readonly attention: number;
  };
}

/** What to train on and how. */
export interface MoleculeTraining {
  readonly name: string;
  readonly network: GraphNetworkConfig;
  readonly train: readonly MeasuredGraph[];
  /** Weights to begin with, but for the last map, such as those of a network for another number; default drawn ones. */
  readonly start?: Weights | undefined;
  readonly settings: MoleculeSettings;
  readonly seed: number;
  readonly backend: DifferentiableBackend;
  readonly checkpoints: CheckpointStore;
  readonly onProgress: (part: string, progress: FitProgress) => void;
  readonly signal: AbortSignal;
}

/** A network that was trained: a molecule's value is mean + scale · score. */
export interface TrainedMolecules {
  readonly weights: Weights;
  readonly mean: number;
  readonly scale: number;
}

/** The average of the weights at the end; no epoch is chosen. Rejects as `fit` does. */
export async function trainMolecules(training: MoleculeTraining): Promise<TrainedMolecules> {
  const { name, train, settings, seed, backend, checkpoints, signal } = training;
  const { dropout, epochs, molecules, rate } = settings;
  const columns = 1 + (train[0]?.beside.length ?? 0);
  const config = withLabels(training.network, columns);
  const network = graphNetwork(config);
  const specs = network.describeWeights();
  const parameters = uploadParameters(backend, specs, startWeights(specs, seed, training.start));
  const spreads = Array.from({ length: columns }, (_, column) => spreadOf(train, column));
  const batches = shuffledBatches(
    train.map(({ graph }) => graph.nodes),
    { positions: Number.MAX_SAFE_INTEGER, sets: molecules, seed },
  );
  try {
    const run = network.bind(parameters.find);
    const { weights } = await fit({
      backend,
      parameters,
      batches,
      forward: async (tape, numbers) => {
        const chosen = Array.from(numbers, (n) => train[n]!);
        const features = graphFeatures(
          config,
          chosen.map(({ graph }) => graph),
        );
        const { scores } = await run(backend, tape, features, {
          onBranch: dropBranches(tape, dropout.branches),
          onPooled: dropBranches(tape, dropout.pooled),
        });
        return spreads.map((spread, column) => {
          const targets = targetsOf(chosen, column, columns, spread);
          const weight = column === 0 ? 1 : settings.beside;
          return { scores, weight, loss: (values: Float32Array) => squaredError(values, targets) };
        });
      },
      optimizer: { kind: "adamW", decay: settings.decay, averaging: settings.averaging },
      schedule: { kind: "cosine", rate, warmup: Math.round(0.05 * epochs * batches(0).length) },
      epochs,
      seed,
      clip: 1,
      attentionDropout: dropout.attention,
      identity: { name, network: JSON.stringify(config), settings: JSON.stringify(settings), molecules: train.length },
      save: async (checkpoint) => checkpoints.save(name, checkpoint),
      resume: await checkpoints.load(name),
      onProgress: (progress) => training.onProgress(name, progress),
      signal,
    });
    return { weights: firstColumn(weights), ...spreads[0]! };
  } finally {
    parameters[dispose]();
  }
}

/** `start`, or drawn weights; the last map begins near zero: a sum over atoms would else begin far from any value. */
function startWeights(specs: readonly WeightSpec[], seed: number, start: Weights | undefined): Weights {
  const drawn = initialWeights(specs, seed);
  const last = lastMaps(drawn);
  for (const name of last) {
    const { values } = drawn.get(name)!;
    for (let i = 0; i < values.length; i += 1) values[i]! *= 0.05;
  }
  return new Map(Array.from(drawn, ([name, weight]) => [name, (!last.includes(name) && start?.get(name)) || weight]));
}

/** The values that a network gives to molecules. */
export async function predictMolecules(
  backend: DifferentiableBackend,
  config: GraphNetworkConfig,
  { weights, mean, scale }: TrainedMolecules,
  graphs: readonly Graph[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const network = graphNetwork(config);
  const parameters = uploadParameters(backend, network.describeWeights(), weights);
  const workspace = backend.workspace(signal);
  try {
    const { scores } = await network.bind(parameters.find)(backend, workspace, graphFeatures(config, graphs));
    return (await workspace.read(scores)).map((score) => mean + scale * score);
  } finally {
    workspace[dispose]();
    parameters[dispose]();
  }
}

function withLabels(config: GraphNetworkConfig, labels: number): GraphNetworkConfig {
  return { ...config, head: { ...config.head, labels } };
}

function valueOf({ value, beside }: MeasuredGraph, column: number): number {
  return column === 0 ? value : beside[column - 1]!;
}

/** Mean and standard deviation of what is known. */
function spreadOf(train: readonly MeasuredGraph[], column: number): Pick<TrainedMolecules, "mean" | "scale"> {
  const known = train.map((molecule) => valueOf(molecule, column)).filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, scale: Math.sqrt(squares / known.length) || 1 };
}

/** What one column of scores [N, columns] should be; NaN in the others, which then do not count. */
function targetsOf(
  molecules: readonly MeasuredGraph[],
  column: number,
  columns: number,
  { mean, scale }: Pick<TrainedMolecules, "mean" | "scale">,
): Float32Array {
  const targets = new Float32Array(molecules.length * columns).fill(Number.NaN);
  molecules.forEach((molecule, n) => (targets[n * columns + column] = (valueOf(molecule, column) - mean) / scale));
  return targets;
}

/** `weights` without what is learned beside. */
function firstColumn(weights: Weights): Weights {
  const first = new Map<string, HostTensor>(weights);
  for (const name of lastMaps(weights)) {
    const { values, shape } = weights.get(name)!;
    const columns = shape.at(-1)!;
    const own = values.filter((_, i) => i % columns === 0);
    first.set(name, { values: own, shape: [...shape.slice(0, -1), 1] });
  }
  return first;
}

/** Weights and biases of the last map, or of those of the readouts, whose results are added. */
function lastMaps(weights: Weights): string[] {
  const outputs = [...weights.keys()].filter((name) => /^head\..*output\.(?:weight|bias)$/.test(name));
  const own = outputs.filter((name) => name.startsWith("head.output."));
  return own.length > 0 ? own : outputs;
}
