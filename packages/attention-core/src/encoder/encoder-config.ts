// What an encoder is, as plain data: it may come from a file and cross to a worker.

import { checkInteger, largest } from "../config-checks.ts";
import { checkRowPositions, type RowPositions } from "../layers/batch-positions.ts";
import { checkLayerConfig, type LayerConfig } from "../layers/layer-config.ts";

/** Layers of one kind on top of each other; with none rows pass, their positions and the final norm aside. */
export interface EncoderConfig extends LayerConfig {
  readonly layers: number;
  /** Added to the rows before the first layer. `rotary` and `positionBias` act in the attention of every layer. */
  readonly positions: RowPositions;
}

/**
 * Throws unless `config` describes an encoder: `TypeError` for a field of the wrong kind, `RangeError` for one outside
 * the allowed values (heads that do not divide the width, a thousand layers and more), both naming the field.
 */
export function checkEncoderConfig(config: EncoderConfig, subject = "encoder"): void {
  checkLayerConfig(subject, config);
  checkInteger(subject, "layers", config.layers, 0, largest.layers);
  checkRowPositions(subject, config.positions, config.width);
}
