// The tree of a model's weights, and their names.

import type { EncoderWeights } from "../encoder/encoder-weights.ts";
import { layoutEncoder } from "../encoder/encoder-weights.ts";
import { layoutPositionLabels } from "../heads/position-labels.ts";
import { layoutSetLabel, type SetLabelWeights } from "../heads/set-label.ts";
import { layoutLinear, type LinearWeights } from "../layers/linear.ts";
import { layoutNorm, type NormWeights } from "../layers/norm.ts";
import type { Tensor } from "../tensor.ts";
import { describeLayout, type WeightLeaf, type WeightSpec } from "../weights.ts";
import { checkModelConfig, type ModelConfig } from "./model-config.ts";
import { layoutStem, type StemStageWeights } from "./stem.ts";

/** The weights of an input: a table [V, W], a linear map from I columns, or the stages of a stem; and its norm. */
export interface InputWeights<T = Tensor> {
  readonly table: T | null;
  readonly linear: LinearWeights<T> | null;
  readonly stages: readonly StemStageWeights<T>[];
  readonly norm: NormWeights<T> | null;
}

/** The weights of a head, by its kind. */
export type HeadWeights<T = Tensor> =
  | { readonly kind: "position-labels"; readonly labels: LinearWeights<T> }
  | { readonly kind: "set-label"; readonly label: SetLabelWeights<T> };

/** The weights of a model. */
export interface ModelWeights<T = Tensor> {
  readonly input: InputWeights<T>;
  readonly encoder: EncoderWeights<T>;
  readonly head: HeadWeights<T>;
}

/** The weights of a model from `leaf`, named `input.*`, `encoder.*` and `head.*`. Throws what `checkModelConfig` throws. */
export function layoutModel<T>(config: ModelConfig, leaf: WeightLeaf<T>): ModelWeights<T> {
  checkModelConfig(config);
  return {
    input: layoutInput(config, leaf),
    encoder: layoutEncoder(config.encoder, leaf),
    head: layoutHead(config, leaf),
  };
}

/** Name, shape and role of each weight of a model. Throws what `checkModelConfig` throws. */
export function describeModelWeights(config: ModelConfig): WeightSpec[] {
  return describeLayout((leaf) => layoutModel(config, leaf));
}

function layoutInput<T>({ input, encoder }: ModelConfig, leaf: WeightLeaf<T>): InputWeights<T> {
  const { width } = encoder;
  return {
    table:
      input.kind === "embeddings" ? leaf({ name: "input.table", shape: [input.rows, width], role: "embedding" }) : null,
    linear: input.kind === "values" ? layoutLinear("input.linear", input.width, width, true, leaf) : null,
    stages: input.kind === "convolutions" ? layoutStem("input.stages", input.width, input.stages, encoder, leaf) : [],
    norm: input.norm === true ? layoutNorm("input.norm", encoder, leaf) : null,
  };
}

function layoutHead<T>({ head, encoder }: ModelConfig, leaf: WeightLeaf<T>): HeadWeights<T> {
  const config = { ...head, width: encoder.width };
  return config.kind === "position-labels"
    ? { kind: config.kind, labels: layoutPositionLabels(config, leaf, "head") }
    : { kind: config.kind, label: layoutSetLabel(config, leaf, "head") };
}
