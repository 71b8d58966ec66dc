// The tree of an encoder's weights, and their names.

import { layoutRowPositions } from "../layers/batch-positions.ts";
import { type EncoderLayerWeights, layoutEncoderLayer } from "../layers/encoder-layer.ts";
import { layoutNorm, type NormWeights } from "../layers/norm.ts";
import type { Tensor } from "../tensor.ts";
import { describeLayout, type WeightLeaf, type WeightSpec } from "../weights.ts";
import { checkEncoderConfig, type EncoderConfig } from "./encoder-config.ts";

/** The weights of an encoder; `finalNorm` where norms come before blocks. */
export interface EncoderWeights<T = Tensor> {
  readonly positions: T | null;
  readonly layers: readonly EncoderLayerWeights<T>[];
  readonly finalNorm: NormWeights<T> | null;
}

/**
 * The weights of an encoder from `leaf`, named `path.positions.table`, `path.layers.0` and so on, and
 * `path.finalNorm`. Throws what `checkEncoderConfig` throws.
 *
 * @example
 * const weights = layoutEncoder(config, uploadWeights(backend, initialWeights(describeEncoderWeights(config), 1)).find);
 */
export function layoutEncoder<T>(config: EncoderConfig, leaf: WeightLeaf<T>, path = "encoder"): EncoderWeights<T> {
  checkEncoderConfig(config, path);
  return {
    positions: layoutRowPositions(`${path}.positions`, config.positions, config.width, leaf),
    layers: Array.from({ length: config.layers }, (_, layer) =>
      layoutEncoderLayer(`${path}.layers.${layer}`, config, leaf),
    ),
    finalNorm: config.placement === "pre" ? layoutNorm(`${path}.finalNorm`, config, leaf) : null,
  };
}

/** Name, shape and role of each weight of an encoder. Throws what `checkEncoderConfig` throws. */
export function describeEncoderWeights(config: EncoderConfig, path = "encoder"): WeightSpec[] {
  return describeLayout((leaf) => layoutEncoder(config, leaf, path));
}
