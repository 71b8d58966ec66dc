// Trains a network that labels the nodes of one graph, of which few have a label. Each step sees the graph several times
// with other nodes hidden, and learns from what all views say of all nodes (Feng et al. 2020).

import { dispose, initialWeights, largestOf, type Tensor, type Weights } from "@saccade/attention-core";
import {
  type Graph,
  graphFeatures,
  graphNetwork,
  type GraphNetworkConfig,
  type GraphRunOptions,
} from "@saccade/graph-nodes";
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
import { hideFeatures, shareOfWords } from "./hide-features.ts";

/** How much of what is hidden, and how fast to learn. */
export interface CitationSettings {
  /** Steps at most, each over the whole graph. */
  readonly steps: number;
  /** Steps between evaluations, and how many of them in a row may be no better before training ends. */
  readonly evaluateEvery: number;
  readonly patience: number;
  readonly rate: number;
  /** Which step is kept: that of the best accuracy on the validation nodes, or that of the lowest cross-entropy. */
  readonly keep: "accuracy" | "cross-entropy";
  /** L2. */
  readonly decay: number;
  /** Of weights; default none. */
  readonly averaging?: number;
  /** How often a step sees the graph. */
  readonly views: number;
  readonly dropout: {
    /** The share of nodes that are hidden in a view. */
    readonly nodes: number;
    /** Of the words of the others, of the rows that layers with a map read, and of those that the head reads. */
    readonly words: number;
    readonly layers: number;
    readonly hidden: number;
    readonly attention: number;
  };
  /** How much views should agree, beside cross-entropy, and how decidedly; see `consistency`. Default not at all. */
  readonly agreement?: { readonly weight: number; readonly temperature: number };
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
  /** Those of the step that is kept, averages where they are asked for. */
  readonly weights: Weights;
  /** On the validation nodes. */
  readonly accuracy: number;
  readonly step: number;
}

/** Trains one network, or goes on from a checkpoint. Rejects as `fit` does. */
export async function trainCitations(training: CitationTraining): Promise<TrainedCitations> {
  const { name, network: config, graph, labels, settings, seed, backend, checkpoints, signal } = training;
  const { views, dropout, agreement, averaging, steps, rate } = settings;
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
    const validate = async (): Promise<Validation> => {
      const workspace = backend.workspace(signal);
      try {
        const { scores } = await run(backend, workspace, once);
        return measure(await workspace.read(scores), labels, training.validation);
      } finally {
        workspace[dispose]();
      }
    };
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
          hooksOf(tape, dropout, [batch.values as Int32Array, values]),
        );
        const known = { scores, loss: (found: Float32Array) => crossEntropy(found, targets) };
        if (agreement === undefined) return [known];
        const { weight, temperature } = agreement;
        const { labels: L } = network.head;
        return [known, { scores, weight, loss: (found: Float32Array) => consistency(found, views, L, temperature) }];
      },
      optimizer: { kind: "adam", decay: settings.decay, ...(averaging !== undefined && { averaging }) },
      schedule: { kind: "constant", rate },
      steps,
      seed,
      attentionDropout: dropout.attention,
      positions: () => targets.length,
      identity: { name, network: JSON.stringify(config), settings: JSON.stringify(settings) },
      evaluate: async () => (await validate())[settings.keep === "accuracy" ? "accuracy" : "crossEntropy"],
      better: settings.keep === "accuracy" ? "higher" : "lower",
      evaluateEvery: settings.evaluateEvery,
      patience: settings.patience,
      save: async (checkpoint) => checkpoints.save(name, checkpoint),
      resume: await checkpoints.load(name),
      onProgress: (progress) => training.onProgress(name, progress),
      signal,
    });
    return { weights, accuracy: (await validate()).accuracy, step: best?.step ?? 0 };
  } finally {
    parameters[dispose]();
  }
}

/** The places where rows are dropped, and made as large again as they would be if nothing were hidden. */
function hooksOf(
  tape: Tape,
  { nodes, words, layers, hidden }: CitationSettings["dropout"],
  [all, shown]: readonly [all: Int32Array, shown: Int32Array],
): GraphRunOptions {
  return {
    onInput: (rows) =>
      words > 0
        ? scaleEach(tape, rows, shareOfWords(all, shown), 1 / ((1 - nodes) * (1 - words)))
        : scaleRows(tape, rows, 1 / (1 - nodes)),
    ...(layers > 0 && { onLayer: dropBranches(tape, layers) }),
    ...(hidden > 0 && { onHidden: dropBranches(tape, hidden) }),
  };
}

interface Validation {
  /** The share of nodes whose largest score is that of their label. */
  readonly accuracy: number;
  /** Mean over nodes, nats. */
  readonly crossEntropy: number;
}

/** How good scores [P, L] are for `nodes`. */
function measure(scores: Float32Array, labels: Int32Array, nodes: Int32Array): Validation {
  const L = scores.length / labels.length;
  const rows = new Float32Array(nodes.length * L);
  nodes.forEach((node, row) => rows.set(scores.subarray(node * L, (node + 1) * L), row * L));
  const gold = nodes.map((node) => labels[node]!);
  const right = gold.filter((label, row) => largestOf(rows, row * L, L) === label);
  return { accuracy: right.length / nodes.length, crossEntropy: crossEntropy(rows, gold).loss };
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

/** Each of `rows` [P, W] times its own of `shares` [P], and all times `factor`; takes `rows` over. */
function scaleEach(tape: Tape, rows: Tensor, shares: Float32Array, factor: number): Tensor {
  const [, width = 0] = rows.shape;
  const values = new Float32Array(shares.length * width);
  shares.forEach((share, row) => values.fill(share * factor, row * width, (row + 1) * width));
  const factors = tape.upload(values, rows.shape);
  const scaled = tape.multiply(rows, factors);
  for (const used of [factors, rows]) used[dispose]();
  return scaled;
}
