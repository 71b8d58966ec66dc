// The model behind a generated sequence: token ids to rows, through a decoder, to a score for each word of the
// vocabulary.

import type { Backend, Workspace } from "../backend.ts";
import { checkInteger, checkKind, largest } from "../config-checks.ts";
import { decode, type DecodeOptions, type Decoded, planSelfAttention } from "../decoder/decode.ts";
import { checkDecoderConfig, type DecoderConfig } from "../decoder/decoder-config.ts";
import { type DecoderWeights, layoutDecoder } from "../decoder/decoder-weights.ts";
import { dispose } from "../disposal.ts";
import { transpose } from "../layers/gather.ts";
import { layoutLinear, type LinearWeights } from "../layers/linear.ts";
import type { Tensor } from "../tensor.ts";
import { describeLayout, type WeightLeaf, type WeightSpec } from "../weights.ts";

/** A decoder over tokens. */
export interface GenerationConfig {
  readonly decoder: DecoderConfig;
  /** V. */
  readonly vocabulary: number;
  /** Scores by the embedding itself (Press and Wolf 2017), without a map of their own. Default false. */
  readonly tied?: boolean;
}

/** `embedding` [V, W]; `output` [W, V], `null` where it is tied to the embedding. */
export interface GenerationWeights<T = Tensor> {
  readonly embedding: T;
  readonly decoder: DecoderWeights<T>;
  readonly output: LinearWeights<T> | null;
}

/** The weights of the model from `leaf`, named `path.embedding`, `path.decoder.*` and `path.output.*`. */
export function layoutGeneration<T>(
  config: GenerationConfig,
  leaf: WeightLeaf<T>,
  path = "generation",
): GenerationWeights<T> {
  checkGenerationConfig(config, path);
  const { decoder, vocabulary, tied = false } = config;
  return {
    embedding: leaf({ name: `${path}.embedding`, shape: [vocabulary, decoder.width], role: "embedding" }),
    decoder: layoutDecoder(decoder, leaf, `${path}.decoder`),
    output: tied ? null : layoutLinear(`${path}.output`, decoder.width, vocabulary, true, leaf),
  };
}

/** Name, shape and role of each weight of the model. */
export function describeGenerationWeights(config: GenerationConfig, path = "generation"): WeightSpec[] {
  return describeLayout((leaf) => layoutGeneration(config, leaf, path));
}

/** Throws unless `config` describes a model that generates. */
export function checkGenerationConfig(config: GenerationConfig, subject = "generation"): void {
  checkKind(subject, "the configuration", config, "object");
  checkDecoderConfig(config.decoder, `${subject}.decoder`);
  checkInteger(subject, "vocabulary", config.vocabulary, 1, largest.count);
  if (config.tied !== undefined) checkKind(subject, "tied", config.tied, "boolean");
}

/** The map from hidden rows to scores [P, V]: the model's own, or its embedding transposed. A result of the workspace. */
export function outputMap(workspace: Workspace, weights: GenerationWeights): LinearWeights {
  return weights.output ?? { weight: transpose(workspace, weights.embedding), bias: null };
}

/**
 * Hidden rows [P, W] after each of `tokens` [P], whole sequences or the next tokens after a cache, of the sets at
 * `offsets` [N + 1]. `applyLinear` with `outputMap` turns them into scores [P, V] of the token that follows each.
 */
export async function decodeTokens(
  backend: Backend,
  workspace: Workspace,
  config: GenerationConfig,
  weights: GenerationWeights,
  tokens: Int32Array,
  offsets: Int32Array,
  options: DecodeOptions = {},
): Promise<Decoded> {
  const ids = workspace.upload(tokens, [tokens.length]);
  const rows = workspace.embed(weights.embedding, ids);
  ids[dispose]();
  const decoded = await decode(
    workspace,
    config.decoder,
    weights.decoder,
    rows,
    planSelfAttention(backend, offsets, options.cache),
    options,
  );
  rows[dispose]();
  return decoded;
}
