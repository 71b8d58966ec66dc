// What a layer of an encoder or a decoder is made of: the configuration that all bricks in this folder read.

import type { Activation, AttentionNormalizer } from "../backend.ts";
import { checkDivides, checkInteger, checkKind, checkOneOf, checkPositive, largest } from "../config-checks.ts";

/** Turns queries and keys by their positions (RoFormer, Su et al. 2021). */
export interface RotaryConfig {
  /** Of the frequencies; default 10000. */
  readonly base?: number;
  /** Leading columns of each head that turn, even; default: all. */
  readonly width?: number;
  /** Pairs (2i, 2i + 1) instead of (i, i + half); default false. */
  readonly interleaved?: boolean;
}

/** What is added to scores by distance, key minus query. */
export type PositionBias =
  /** Nothing. */
  | { readonly kind: "none" }
  /** A penalty of a fixed slope per head (Press et al. 2022). */
  | { readonly kind: "alibi" }
  /** A learned value per head, layer and distance from -`reach` to `reach`; those beyond share the last. */
  | { readonly kind: "relative"; readonly reach: number }
  /** The same for positions on a grid of `columns`, by row and column distance. */
  | { readonly kind: "relative2d"; readonly reach: readonly [y: number, x: number]; readonly columns: number };

/** A convolution over neighbouring rows of a set, zeros beyond its ends. */
export interface ConvolutionConfig {
  /** Rows before and after each that it sees. */
  readonly left: number;
  readonly right: number;
  readonly activation: Activation;
}

/** One layer. The pattern of its attention is not here: it comes with each batch, as a plan. */
export interface LayerConfig {
  /** W, columns of a row. */
  readonly width: number;
  /** H, query heads. */
  readonly heads: number;
  /** Key and value heads, a divisor of `heads`; default: equal. */
  readonly kvHeads?: number;
  /** D, columns of a head; default W / H, which must then be whole. */
  readonly headWidth?: number;
  /** F, columns between the two maps of the feed-forward block. */
  readonly feedForwardWidth: number;
  readonly activation: Activation;
  /** A second map in the feed-forward block, multiplied with the activated one: GEGLU, SwiGLU. Default false. */
  readonly gated?: boolean;
  readonly norm: "layer" | "rms";
  /** Norms before each block and one after the last layer, or after each sum as in Vaswani et al. 2017. */
  readonly placement: "pre" | "post";
  /** Of the norms, added to the variance. */
  readonly epsilon: number;
  /** Whether linear maps and layer norms have a bias; default true. */
  readonly biases?: boolean;
  /** Factor of the dot products; default 1 / √D. */
  readonly scale?: number;
  /** c > 0 turns a score s into c · tanh(s / c); default 0, off. */
  readonly softcap?: number;
  /** Default softmax. */
  readonly normalizer?: AttentionNormalizer;
  /** Of self-attention; default: queries and keys do not turn. */
  readonly rotary?: RotaryConfig;
  /** Of self-attention; default none. */
  readonly positionBias?: PositionBias;
  /** A block of its own before self-attention, in encoders: x + act(linear(neighbouring rows)). Default none. */
  readonly convolution?: ConvolutionConfig;
}

/** The head counts and widths of a configuration, defaults filled in. */
export interface HeadShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
}

/** H, key and value heads, and D of `config`. */
export function headShape(config: Pick<LayerConfig, "width" | "heads" | "kvHeads" | "headWidth">): HeadShape {
  const { width, heads, kvHeads = heads, headWidth = width / heads } = config;
  return { heads, kvHeads, headWidth };
}

/** All of them. */
export const activations: readonly Activation[] = ["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"];

/**
 * Throws unless `config` describes a layer: `TypeError` for a field of the wrong kind, `RangeError` for one outside
 * the allowed values, both naming `subject` and the field.
 */
export function checkLayerConfig(subject: string, config: LayerConfig): void {
  checkKind(subject, "the configuration", config, "object");
  checkInteger(subject, "width", config.width, 1, largest.width);
  checkHeads(subject, config);
  checkInteger(subject, "feedForwardWidth", config.feedForwardWidth, 1, largest.feedForwardWidth);
  checkOneOf(subject, "activation", config.activation, activations);
  checkOneOf(subject, "norm", config.norm, ["layer", "rms"]);
  checkOneOf(subject, "placement", config.placement, ["pre", "post"]);
  checkPositive(subject, "epsilon", config.epsilon);
  if (config.gated !== undefined) checkKind(subject, "gated", config.gated, "boolean");
  if (config.biases !== undefined) checkKind(subject, "biases", config.biases, "boolean");
  if (config.scale !== undefined) checkPositive(subject, "scale", config.scale);
  if (config.softcap !== undefined && config.softcap !== 0) checkPositive(subject, "softcap", config.softcap);
  if (config.normalizer !== undefined)
    checkOneOf(subject, "normalizer", config.normalizer, ["softmax", "relu", "hard"]);
  if (config.rotary !== undefined) checkRotary(subject, config.rotary, headShape(config).headWidth);
  if (config.positionBias !== undefined) checkPositionBias(subject, config.positionBias);
  if (config.convolution !== undefined) checkConvolution(subject, config.convolution);
}

/** Throws unless heads, key and value heads and head width fit one another. */
export function checkHeads(
  subject: string,
  config: Pick<LayerConfig, "width" | "heads" | "kvHeads" | "headWidth">,
): void {
  checkInteger(subject, "heads", config.heads, 1, largest.heads);
  if (config.headWidth === undefined) checkDivides(subject, "heads", config.heads, "width", config.width);
  const { heads, kvHeads, headWidth } = headShape(config);
  checkInteger(subject, "headWidth", headWidth, 1, largest.headWidth);
  checkInteger(subject, "kvHeads", kvHeads, 1, heads);
  checkDivides(subject, "kvHeads", kvHeads, "heads", heads);
}

function checkRotary(subject: string, rotary: RotaryConfig, headWidth: number): void {
  checkKind(subject, "rotary", rotary, "object");
  if (rotary.base !== undefined) checkPositive(subject, "rotary.base", rotary.base);
  if (rotary.interleaved !== undefined) checkKind(subject, "rotary.interleaved", rotary.interleaved, "boolean");
  const { width = headWidth } = rotary;
  checkInteger(subject, "rotary.width", width, 2, headWidth);
  if (width % 2 !== 0) throw new RangeError(`Cannot use ${subject}: rotary.width must be even, it is ${width}`);
}

function checkConvolution(subject: string, convolution: ConvolutionConfig): void {
  checkKind(subject, "convolution", convolution, "object");
  checkInteger(subject, "convolution.left", convolution.left, 0, largest.headWidth);
  checkInteger(subject, "convolution.right", convolution.right, 0, largest.headWidth);
  checkOneOf(subject, "convolution.activation", convolution.activation, activations);
}

function checkPositionBias(subject: string, bias: PositionBias): void {
  checkKind(subject, "positionBias", bias, "object");
  checkOneOf(subject, "positionBias.kind", bias.kind, ["none", "alibi", "relative", "relative2d"]);
  if (bias.kind === "relative") checkInteger(subject, "positionBias.reach", bias.reach, 0, largest.width);
  if (bias.kind === "relative2d") {
    if (!Array.isArray(bias.reach) || bias.reach.length !== 2) {
      throw new TypeError(`Cannot use ${subject}: positionBias.reach must be two integers, rows and columns`);
    }
    for (const reach of bias.reach) checkInteger(subject, "positionBias.reach", reach, 0, 1024);
    checkInteger(subject, "positionBias.columns", bias.columns, 1, largest.width);
  }
}
