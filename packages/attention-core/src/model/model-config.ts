// What a model is, as plain data: how rows come in, the encoder, the head. It may come from a file and cross to a
// worker; with weights by name it is the whole model. What a row means is the business of a modality.

import type { EncoderConfig } from "../encoder/encoder-config.ts";
import type { SetLabelConfig } from "../heads/set-label.ts";

/** How features become rows of the encoder's width W. */
export type InputConfig =
  /**
   * Ids [P, T] of rows of one table [V, W], whose T rows are added up for each position; -1 adds nothing. A modality with
   * several kinds of feature (word, suffix, shape) gives each its own range of the table.
   */
  | { readonly kind: "embeddings"; readonly rows: number; readonly columns: number; readonly norm?: boolean }
  /** Rows [P, I] of numbers through one linear map. */
  | { readonly kind: "values"; readonly width: number; readonly norm?: boolean };

/** What is scored. */
export type HeadConfig =
  | { readonly kind: "position-labels"; readonly labels: number }
  | { readonly kind: "set-label"; readonly labels: number; readonly pooling: SetLabelConfig["pooling"] };

/** A model that labels positions or sets. */
export interface ModelConfig {
  readonly input: InputConfig;
  readonly encoder: EncoderConfig;
  readonly head: HeadConfig;
}
