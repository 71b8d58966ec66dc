// What a network over graphs is, as plain data: how features become rows, the layers of attention, what is scored.

import {
  type Activation,
  type AttentionPoolingConfig,
  checkInteger,
  checkKind,
  checkOneOf,
  checkPositive,
  checkSetLabelConfig,
  type Pooling,
} from "@saccade/attention-core";
import { largestCount, largestWidth } from "../limits.ts";

/** How features of nodes become rows [P, width]. */
export interface GraphInput {
  /**
   * `dense`: numbers [P, columns] through a linear map. `sparse`: for each node the sum of the rows of a table [columns, W]
   * that its features name. `weighted-sparse`: each row times the feature's value first.
   */
  readonly kind: "dense" | "sparse" | "weighted-sparse";
  /** F, features that there are. */
  readonly columns: number;
  /** W of the rows. */
  readonly width: number;
  /** `mean` divides the sum by how many features the node has, as row-normalised features of documents; default `sum`. */
  readonly scaling?: "sum" | "mean";
  /** Default false. */
  readonly bias?: boolean;
  /** Default none. */
  readonly activation?: Activation;
}

/** What features of edges do. */
export interface GraphEdgeInput {
  /** G, numbers per edge. */
  readonly width: number;
  /**
   * `bias`: a linear map to a number per head, added to scores. `keys`: a linear map to a row, added to the key before the
   * score, as in the edge features of GAT and GATv2 in PyTorch Geometric. `keys-values`: the same, and added to what is
   * attended to, as in Shi et al. 2021. The last two make a row for each edge.
   */
  readonly use: "bias" | "keys" | "keys-values";
}

/** One layer of attention over neighbours. */
export interface GraphLayer {
  /**
   * `gat`: leakyReLU(a · Wx_i + b · Wx_j), of what Wx is mixed (Veličković et al. 2018). `gatv2`: a · leakyReLU(Qx_i + Kx_j),
   * of what Kx is mixed (Brody et al. 2022). `transformer`: Qx_i · Kx_j / √D, of what Vx is mixed (Shi et al. 2021).
   */
  readonly kind: "gat" | "gatv2" | "transformer";
  /** H. */
  readonly heads: number;
  /** D, columns of a head. */
  readonly headWidth: number;
  /** Heads side by side give H · D columns, their mean D; default `concatenate`. */
  readonly combine?: "concatenate" | "mean";
  /** Of `gat`: without, the layer's rows are taken as mapped already, and must be H · D wide. Default true. */
  readonly map?: boolean;
  /** Whether maps and the result have a bias; default true. */
  readonly biases?: boolean;
  /** x + attention(x); where widths differ, x goes through a linear map. Default false. */
  readonly residual?: boolean;
  /** Of the rows before attention, and before the feed-forward block; default none. */
  readonly norm?: "layer" | "rms";
  /** After attention, and after the sum if it is one; default none. */
  readonly activation?: Activation;
  /** Columns of a feed-forward block beside a path that skips it; default no block. */
  readonly feedForward?: { readonly width: number; readonly activation: Activation };
  /**
   * Attention applied again and again with the same weights: z ← (1 - teleport) · attention(z) + teleport · v, from the values
   * v, for `steps` steps (Wang et al. 2021, attention diffusion; the limit is personalised PageRank). Default once, without v.
   */
  readonly diffusion?: { readonly steps: number; readonly teleport: number };
}

/** What is scored: each node, or each graph. */
export type GraphHead =
  | {
      readonly kind: "position-labels";
      /** L. */
      readonly labels: number;
      /** Without, the last layer's rows are the scores, and must be L wide. Default true. */
      readonly map?: boolean;
    }
  | {
      readonly kind: "set-label";
      /** L. */
      readonly labels: number;
      /** How nodes become one row; of several, the results are added. At most one of them attends. */
      readonly readout: readonly ({ readonly kind: Pooling } | AttentionPoolingConfig)[];
      /** A map to so many columns and an activation before the last one; default none. */
      readonly hidden?: { readonly width: number; readonly activation: Activation };
    };

/** A network over graphs. */
export interface GraphNetworkConfig {
  readonly input: GraphInput;
  /** Default: features of edges are not read. */
  readonly edges?: GraphEdgeInput;
  /** Whether each node attends to itself too; the features of such an edge are zeros. */
  readonly selfLoops: boolean;
  readonly layers: readonly GraphLayer[];
  readonly head: GraphHead;
}

/** Added to the variance in norms. */
export const epsilon = 1e-5;

/** Columns that `layer` makes. */
export function outputWidth({ heads, headWidth, combine }: GraphLayer): number {
  return combine === "mean" ? headWidth : heads * headWidth;
}

/** Columns that layer `layer` reads, for the one after the last those that the head reads. */
export function inputWidth({ input, layers }: GraphNetworkConfig, layer: number): number {
  return layer === 0 ? input.width : outputWidth(layers[layer - 1]!);
}

const activations: readonly Activation[] = ["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"];

/**
 * Throws unless `config` describes a network: `TypeError` for a field of the wrong kind, `RangeError` for one outside the
 * allowed values, naming the field.
 */
export function checkGraphNetworkConfig(config: GraphNetworkConfig, subject = "network"): void {
  checkKind(subject, "the configuration", config, "object");
  checkInput(`${subject}.input`, config.input);
  if (config.edges !== undefined) {
    checkKind(subject, "edges", config.edges, "object");
    checkInteger(subject, "edges.width", config.edges.width, 1, largestWidth);
    checkOneOf(subject, "edges.use", config.edges.use, ["bias", "keys", "keys-values"]);
  }
  checkKind(subject, "selfLoops", config.selfLoops, "boolean");
  if (!Array.isArray(config.layers)) throw new TypeError(`Cannot use ${subject}: layers must be a list, it is none`);
  checkInteger(subject, "number of layers", config.layers.length, 0, 1000);
  for (const [n, layer] of config.layers.entries()) {
    checkLayer(`${subject}.layers.${n}`, layer, inputWidth(config, n));
  }
  checkHead(`${subject}.head`, config.head, inputWidth(config, config.layers.length));
}

function checkInput(subject: string, input: GraphInput): void {
  checkKind(subject, "the configuration", input, "object");
  checkOneOf(subject, "kind", input.kind, ["dense", "sparse", "weighted-sparse"]);
  checkInteger(subject, "columns", input.columns, 1, input.kind === "dense" ? largestWidth : largestCount);
  checkInteger(subject, "width", input.width, 1, largestWidth);
  if (input.scaling !== undefined) {
    checkOneOf(subject, "scaling", input.scaling, input.kind === "dense" ? ["sum"] : ["sum", "mean"]);
  }
  checkFlag(subject, "bias", input.bias);
  checkActivation(subject, "activation", input.activation);
}

function checkLayer(subject: string, layer: GraphLayer, width: number): void {
  checkKind(subject, "the configuration", layer, "object");
  checkOneOf(subject, "kind", layer.kind, ["gat", "gatv2", "transformer"]);
  checkInteger(subject, "heads", layer.heads, 1, 1024);
  checkInteger(subject, "headWidth", layer.headWidth, 1, 256);
  if (layer.combine !== undefined) checkOneOf(subject, "combine", layer.combine, ["concatenate", "mean"]);
  checkFlag(subject, "map", layer.map);
  if (layer.map === false && (layer.kind !== "gat" || layer.heads * layer.headWidth !== width)) {
    throw new RangeError(
      `Cannot use ${subject}: a layer without a map must be a gat layer as wide as its rows, ${width}; it is ${layer.kind}, ${layer.heads * layer.headWidth} wide`,
    );
  }
  checkFlag(subject, "biases", layer.biases);
  checkFlag(subject, "residual", layer.residual);
  if (layer.norm !== undefined) checkOneOf(subject, "norm", layer.norm, ["layer", "rms"]);
  checkActivation(subject, "activation", layer.activation);
  if (layer.feedForward !== undefined) {
    checkKind(subject, "feedForward", layer.feedForward, "object");
    checkInteger(subject, "feedForward.width", layer.feedForward.width, 1, 262_144);
    checkOneOf(subject, "feedForward.activation", layer.feedForward.activation, activations);
  }
  if (layer.diffusion !== undefined) {
    checkKind(subject, "diffusion", layer.diffusion, "object");
    const { steps, teleport } = layer.diffusion;
    checkInteger(subject, "diffusion.steps", steps, 1, 100);
    checkPositive(subject, "diffusion.teleport", teleport);
    if (teleport >= 1) {
      throw new RangeError(`Cannot use ${subject}: diffusion.teleport must be below 1, it is ${teleport}`);
    }
  }
}

function checkHead(subject: string, head: GraphHead, width: number): void {
  checkKind(subject, "the configuration", head, "object");
  checkOneOf(subject, "kind", head.kind, ["position-labels", "set-label"]);
  checkInteger(subject, "labels", head.labels, 1, largestCount);
  if (head.kind === "position-labels") {
    checkFlag(subject, "map", head.map);
    if (head.map === false && head.labels !== width) {
      throw new RangeError(
        `Cannot use ${subject}: labels must be the columns of the last layer, ${width}, for a head without a map; they are ${head.labels}`,
      );
    }
    return;
  }
  if (!Array.isArray(head.readout) || head.readout.length === 0) {
    throw new TypeError(`Cannot use ${subject}: readout must be a list of at least one, it is none`);
  }
  for (const pooling of head.readout) checkSetLabelConfig({ width, labels: head.labels, pooling }, subject);
  const attends = head.readout.filter(({ kind }) => kind === "attention").length;
  if (attends > 1) throw new RangeError(`Cannot use ${subject}: at most one readout may attend, ${attends} do`);
  if (head.hidden !== undefined) {
    checkKind(subject, "hidden", head.hidden, "object");
    checkInteger(subject, "hidden.width", head.hidden.width, 1, largestWidth);
    checkOneOf(subject, "hidden.activation", head.hidden.activation, activations);
  }
}

function checkFlag(subject: string, field: string, value: unknown): void {
  if (value !== undefined) checkKind(subject, field, value, "boolean");
}

function checkActivation(subject: string, field: string, value: unknown): void {
  if (value !== undefined) checkOneOf(subject, field, value, activations);
}
