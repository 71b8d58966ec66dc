// How far a position of a model hears, and whether it can hear a clip in parts.

import { ModelMismatchError } from "@saccade/attention-core";
import type { Reach } from "./clip-parts.ts";
import type { SpeechModelConfig } from "./speech-model.ts";

/**
 * How far each position sees to either side through all layers: their windows and convolutions, added up. `null` if a
 * model has to hear a clip as a whole, as `wholeClipReason` says.
 */
export function reachOf(config: SpeechModelConfig): Reach | null {
  const { pattern, model } = config;
  if (wholeClipReason(config) !== null || pattern.kind !== "window") return null;
  const { layers, convolution } = model.encoder;
  return {
    left: layers * (pattern.left + (convolution?.left ?? 0)),
    right: layers * (pattern.right + (convolution?.right ?? 0)),
  };
}

/** Why a model has to hear a clip as a whole, as a rule that it breaks; `null` if it need not. */
export function wholeClipReason({ pattern, normalization, model }: SpeechModelConfig): string | null {
  if (pattern.kind !== "window" || pattern.left < 0 || pattern.right < 0) {
    return `pattern must be a window that ends on both sides, it is ${JSON.stringify(pattern)}`;
  }
  if (normalization === "utterance") return 'normalization must be fixed or "none", it is "utterance"';
  if (normalization !== "none" && normalization.level !== undefined) {
    return "normalization must go without the loudness of a clip, it has a level";
  }
  const { kind } = model.encoder.positions;
  if (kind !== "none") return `positions must be told by distance alone, the encoder adds ${kind} ones`;
  if (model.head.kind !== "position-labels") return `head must be "position-labels", it is "${model.head.kind}"`;
  return null;
}

/** As `reachOf`. Throws `ModelMismatchError` for a model that has to hear a clip as a whole. */
export function partsReach(config: SpeechModelConfig, action: string): Reach {
  const reach = reachOf(config);
  if (reach === null) throw new ModelMismatchError(`Cannot ${action}: ${wholeClipReason(config)}`);
  return reach;
}
