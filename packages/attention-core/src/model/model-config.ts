// What a model is, as plain data: how rows come in, the encoder, the head. It may come from a file and cross to a
// worker; with weights by name it is the whole model. What a row means is the business of a modality.

import { checkInteger, checkKind, checkOneOf, largest } from "../config-checks.ts";
import { checkEncoderConfig, type EncoderConfig } from "../encoder/encoder-config.ts";
import { checkSetLabelConfig, type SetLabelConfig } from "../heads/set-label.ts";
import { checkStem, type StemStage } from "./stem.ts";

/** How features become rows of the encoder's width W. */
export type InputConfig =
  /**
   * Ids [P, T] of rows of one table [V, W], whose T rows are added up for each position; -1 adds nothing. A modality with
   * several kinds of feature (word, suffix, shape) gives each its own range of the table.
   */
  | {
      readonly kind: "embeddings";
      /** V. */
      readonly rows: number;
      /** T. */
      readonly columns: number;
      /** Whether the sums are normalised, as the encoder's rows are. Default false. */
      readonly norm?: boolean;
    }
  /** Rows [P, I] of numbers through one linear map. */
  | {
      readonly kind: "values";
      /** I. */
      readonly width: number;
      /** Whether the results are normalised. Default false. */
      readonly norm?: boolean;
    }
  /** Rows of I numbers, not necessarily one for each position, through convolutions whose last gives the P rows [P, W]. */
  | {
      readonly kind: "convolutions";
      /** I. */
      readonly width: number;
      /** First to last; `Features.convolutions` says which rows each sees. */
      readonly stages: readonly StemStage[];
      /** Whether the results are normalised. Default false. */
      readonly norm?: boolean;
    };

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

/**
 * Throws unless `config` describes a model: `TypeError` for a field of the wrong kind, `RangeError` for one outside the
 * allowed values, naming the field.
 */
export function checkModelConfig(config: ModelConfig, subject = "model"): void {
  checkKind(subject, "the configuration", config, "object");
  const { input, encoder, head } = config;
  checkKind(subject, "encoder", encoder, "object");
  checkEncoderConfig(encoder, `${subject}.encoder`);
  checkInput(`${subject}.input`, input, encoder.width);
  checkKind(subject, "head", head, "object");
  checkOneOf(`${subject}.head`, "kind", head.kind, ["position-labels", "set-label"]);
  checkInteger(`${subject}.head`, "labels", head.labels, 1, largest.count);
  if (head.kind === "set-label") checkSetLabelConfig({ ...head, width: encoder.width }, `${subject}.head`);
}

function checkInput(subject: string, input: InputConfig, width: number): void {
  checkKind(subject, "the configuration", input, "object");
  checkOneOf(subject, "kind", input.kind, ["embeddings", "values", "convolutions"]);
  if (input.norm !== undefined) checkKind(subject, "norm", input.norm, "boolean");
  if (input.kind === "embeddings") {
    checkInteger(subject, "rows", input.rows, 1, largest.count);
    checkInteger(subject, "columns", input.columns, 1, largest.heads);
    return;
  }
  checkInteger(subject, "width", input.width, 1, largest.width);
  if (input.kind === "convolutions") checkStem(subject, input.stages, width);
}
