// Trains a network that labels the nodes of one graph, of which few have a label. Each step sees the graph several times
// with other nodes hidden, and learns from what all views say of all nodes (Feng et al. 2020).

import { dispose, initialWeights, type Tensor, type Weights } from "@saccade/attention-core";
import { type Graph, graphFeatures, graphNetwork, type GraphNetworkConfig } from "@saccade/graph-nodes";
import {
  crossEntropy,
  type DifferentiableBackend,
  dropBranches,
  fit,
  type FitProgress,
  type Tape,
  uploadParameters,
} from "@saccade/training";
import type { CheckpointStore } from "../recipe.ts";
import { consistency } from "./consistency.ts";
import { hideFeatures } from "./hide-features.ts";

/** How much of what is hidden, and how fast to learn. */
export interface CitationSettings {
  /** Steps at most, each over the whole graph. */
  readonly steps: number;
  /** Steps between evaluations, and how many of them in a row may be no better before training ends. */
  readonly evaluateEvery: number;
  readonly patience: number;
  readonly rate: number;
  /** L2. */
  readonly decay: number;
  readonly averaging: number;
  /** How often a step sees the graph. */
  readonly views: number;
  readonly dropout: {
    /** The share of nodes that are hidden in a view. */
    readonly nodes: number;
    /** The share of words that are hidden of the others. */
    readonly words: number;
    /** Of the rows that the head reads. */
    readonly hidden: number;
    readonly attention: number;
  };
  /** How much views should agree, beside cross-entropy, and how decidedly; see `consistency`. */
  readonly agreement: { readonly weight: number; readonly temperature: number };
}

/** What to train on and how. */
export interface CitationTraining {
  readonly name: string;
  readonly network: GraphNetworkConfig;
  readonly graph: Graph;
  /** [P], -1 where none is told. */
  readonly labels: Int32Array;
  /** Nodes to learn from. */
  readonly train: Int32Array;
  readonly settings: CitationSettings;
  readonly seed: number;
  readonly backend: DifferentiableBackend;
  readonly checkpoints: CheckpointStore;
  /** Nodes whose labels choose the step that is kept; nothing is learned from them. */
  readonly validation: Int32Array;
  readonly onProgress: (part: string, progress: FitProgress) => void;
  readonly signal: AbortSignal;
}

/** What training found. */
export interface TrainedCitations {
  /** Averages of weights, of the step whose accuracy on the validation nodes was best. */
  readonly weights: Weights;
  readonly accuracy: number;
  readonly step: number;
}

/** Trains one network, or goes on from a checkpoint. Rejects as `fit` does. */
export async function trainCitations(training: CitationTraining): Promise<TrainedCitations> {
  const { name, network: config, graph, labels, settings, seed, backend, checkpoints, signal } = training;
  const { views, dropout, agreement, steps, rate } = settings;
  const network = graphNetwork(config);
  const specs = network.describeWeights();
  const parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
  const features = graphFeatures(
    config,
    Array.from({ length: views }, () => graph),
  );
  const once = graphFeatures(config, [graph]);
  const targets = new Int32Array(views * graph.nodes).fill(-1);
  for (let view = 0; view < views; view += 1) {
    for (const node of training.train) targets[view * graph.nodes + node] = labels[node]!;
  }
  try {
    const run = network.bind(parameters.find);
    const { weights, best } = await fit({
      backend,
      parameters,
      batches: () => [features],
      forward: async (tape, batch, { random }) => {
        const values = hideFeatures(batch.values as Int32Array, dropout, random);
        const { scores } = await run(
          backend,
          tape,
          { ...batch, values },
          {
            // What neighbours add up to is then about as much as when none is hidden.
            onInput: (rows) => scaleRows(tape, rows, 1 / (1 - dropout.nodes)),
            onHidden: dropBranches(tape, dropout.hidden),
          },
        );
        return [
          { scores, loss: (values) => crossEntropy(values, targets) },
          {
            scores,
            loss: (values) => consistency(values, views, network.head.labels, agreement.temperature),
            weight: agreement.weight,
          },
        ];
      },
      optimizer: { kind: "adam", decay: settings.decay, averaging: settings.averaging },
      schedule: { kind: "constant", rate },
      steps,
      seed,
      attentionDropout: dropout.attention,
      positions: () => targets.length,
      identity: { name, network: JSON.stringify(config), settings: JSON.stringify(settings) },
      evaluate: async () => {
        const workspace = backend.workspace(signal);
        try {
          const { scores } = await run(backend, workspace, once);
          return shareRight(await workspace.read(scores), labels, training.validation);
        } finally {
          workspace[dispose]();
        }
      },
      evaluateEvery: settings.evaluateEvery,
      patience: settings.patience,
      save: async (checkpoint) => checkpoints.save(name, checkpoint),
      resume: await checkpoints.load(name),
      onProgress: (progress) => training.onProgress(name, progress),
      signal,
    });
    return { weights, accuracy: best?.metric ?? 0, step: best?.step ?? 0 };
  } finally {
    parameters[dispose]();
  }
}

/** The share of `nodes` whose largest score [P, L] is that of their label. */
function shareRight(scores: Float32Array, labels: Int32Array, nodes: Int32Array): number {
  const L = scores.length / labels.length;
  const right = nodes.filter((node) => {
    const own = scores.subarray(node * L, (node + 1) * L);
    return own.indexOf(Math.max(...own)) === labels[node];
  });
  return right.length / nodes.length;
}

/** `rows` times `factor`; takes `rows` over. */
function scaleRows(tape: Tape, rows: Tensor, factor: number): Tensor {
  if (factor === 1) return rows;
  const [, width = 0] = rows.shape;
  const factors = tape.upload(new Float32Array(width).fill(factor), [width]);
  const scaled = tape.multiply(rows, factors);
  for (const used of [factors, rows]) used[dispose]();
  return scaled;
}
