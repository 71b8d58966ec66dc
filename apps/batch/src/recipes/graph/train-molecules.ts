// Trains a network that gives a number to a molecule.

import { dispose, initialWeights, type Weights, type WeightSpec } from "@saccade/attention-core";
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

/** A molecule in numbers, and what was measured of it. */
export interface MeasuredGraph {
  readonly graph: Graph;
  readonly value: number;
}

/** How much of what is hidden, and how fast to learn. */
export interface MoleculeSettings {
  readonly epochs: number;
  /** Molecules in a batch. */
  readonly molecules: number;
  readonly rate: number;
  readonly decay: number;
  readonly averaging: number;
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
  const { name, network: config, train, settings, seed, backend, checkpoints, signal } = training;
  const { dropout, epochs, molecules, rate } = settings;
  const network = graphNetwork(config);
  const specs = network.describeWeights();
  const parameters = uploadParameters(backend, specs, startWeights(specs, seed));
  const { mean, scale } = spreadOf(train);
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
        const targets = Float32Array.from(chosen, ({ value }) => (value - mean) / scale);
        return [{ scores, loss: (values: Float32Array) => squaredError(values, targets) }];
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
    return { weights, mean, scale };
  } finally {
    parameters[dispose]();
  }
}

/** Drawn weights; readouts begin near zero: a sum over atoms would else begin far from any value. */
function startWeights(specs: readonly WeightSpec[], seed: number): Weights {
  const drawn = initialWeights(specs, seed);
  for (const [name, { values }] of drawn) {
    if (!/^head\.readout\.\d+\.output\.weight$/.test(name)) continue;
    for (let i = 0; i < values.length; i += 1) values[i]! *= 0.05;
  }
  return drawn;
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

function spreadOf(train: readonly MeasuredGraph[]): Pick<TrainedMolecules, "mean" | "scale"> {
  const mean = train.reduce((sum, { value }) => sum + value, 0) / train.length;
  const squares = train.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  return { mean, scale: Math.sqrt(squares / train.length) || 1 };
}
