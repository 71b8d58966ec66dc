// The tree of a decoder's weights, and their names.

import { layoutRowPositions } from "../layers/batch-positions.ts";
import { type DecoderLayerWeights, layoutDecoderLayer } from "../layers/decoder-layer.ts";
import { layoutNorm, type NormWeights } from "../layers/norm.ts";
import type { Tensor } from "../tensor.ts";
import { describeLayout, type WeightLeaf, type WeightSpec } from "../weights.ts";
import { checkDecoderConfig, type DecoderConfig } from "./decoder-config.ts";

/** The weights of a decoder; `finalNorm` where norms come before blocks. */
export interface DecoderWeights<T = Tensor> {
  readonly positions: T | null;
  readonly layers: readonly DecoderLayerWeights<T>[];
  readonly finalNorm: NormWeights<T> | null;
}

/**
 * The weights of a decoder from `leaf`, named `path.positions.table`, `path.layers.0` and so on, and
 * `path.finalNorm`. Throws what `checkDecoderConfig` throws.
 */
export function layoutDecoder<T>(config: DecoderConfig, leaf: WeightLeaf<T>, path = "decoder"): DecoderWeights<T> {
  checkDecoderConfig(config, path);
  const layer = (at: number): DecoderLayerWeights<T> =>
    layoutDecoderLayer(`${path}.layers.${at}`, config, config.memoryWidth, leaf);
  return {
    positions: layoutRowPositions(`${path}.positions`, config.positions, config.width, leaf),
    layers: Array.from({ length: config.layers }, (_, at) => layer(at)),
    finalNorm: config.placement === "pre" ? layoutNorm(`${path}.finalNorm`, config, leaf) : null,
  };
}

/** Name, shape and role of each weight of a decoder. Throws what `checkDecoderConfig` throws. */
export function describeDecoderWeights(config: DecoderConfig, path = "decoder"): WeightSpec[] {
  return describeLayout((leaf) => layoutDecoder(config, leaf, path));
}
