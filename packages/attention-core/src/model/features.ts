// What a modality makes of its inputs: rows of numbers, or ids of rows of a table, and who may attend to whom.

import type { Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { EncoderConfig } from "../encoder/encoder-config.ts";
import { applyLinear } from "../layers/linear.ts";
import { applyNorm } from "../layers/norm.ts";
import type { AttentionPattern } from "../pattern.ts";
import { checkOffsets } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import type { InputConfig } from "./model-config.ts";
import type { InputWeights } from "./model-weights.ts";
import { applyStem, checkStemWindows } from "./stem.ts";

/** A batch on the host. */
export interface Features {
  /** First position of each set, then P: [N + 1]. */
  readonly offsets: Int32Array;
  /** Ids [P, T] for an input of embeddings, numbers [P, I] for one of values, any number of rows of I for convolutions. */
  readonly values: Int32Array | Float32Array;
  /**
   * For convolutions: for each stage the rows of the stage before that each of its rows sees [rows, T], flat, -1 for zeros;
   * the last has P rows. See `convolutionWindows` and `gridWindows`.
   */
  readonly convolutions?: readonly Int32Array[];
  /** For networks that read something of edges: F numbers for each of the pattern's, in its order [E, F]. */
  readonly edges?: Float32Array;
  /** Which positions may attend to each other. */
  readonly pattern: AttentionPattern;
}

/**
 * The rows [P, W] that the encoder reads: sums of rows of the table, or a linear map of the values, normalised where the
 * configuration says so. Throws `TypeError` for values of the wrong kind, `RangeError` for another number of them than P
 * positions have.
 */
export function embedFeatures(
  workspace: Workspace,
  config: InputConfig,
  encoder: EncoderConfig,
  weights: InputWeights,
  features: Features,
): Tensor {
  checkFeatures(config, features);
  const rows = inputRows(workspace, config, encoder, weights, features);
  if (!weights.norm) return rows;
  const normed = applyNorm(workspace, encoder, weights.norm, rows);
  rows[dispose]();
  return normed;
}

/** Throws unless `features` fit `config`; see `embedFeatures`. */
export function checkFeatures(config: InputConfig, { offsets, values, convolutions }: Features): void {
  checkOffsets("use features", "offsets", offsets);
  const positions = offsets.at(-1) ?? 0;
  const [columns, kind] = config.kind === "embeddings" ? [config.columns, Int32Array] : [config.width, Float32Array];
  if (!(values instanceof kind)) {
    throw new TypeError(
      `Cannot use features: values must be a ${kind.name} for an input of ${config.kind}, they are not`,
    );
  }
  if (config.kind === "convolutions") {
    if (values.length % columns !== 0) {
      throw new RangeError(`Cannot use features: values must be a multiple of ${columns}, there are ${values.length}`);
    }
    checkStemWindows(config.stages, convolutions, positions);
    return;
  }
  if (values.length !== positions * columns) {
    throw new RangeError(
      `Cannot use features: values must be ${columns} for each of ${positions} positions, there are ${values.length}`,
    );
  }
}

function inputRows(
  workspace: Workspace,
  config: InputConfig,
  encoder: EncoderConfig,
  weights: InputWeights,
  features: Features,
): Tensor {
  if (config.kind === "convolutions") {
    const { width, stages } = config;
    const values = features.values as Float32Array;
    const rows = workspace.upload(values, [values.length / width, width]);
    return applyStem(workspace, stages, encoder, weights.stages, rows, features.convolutions!);
  }
  return weights.table ? sumRows(workspace, weights.table, features) : mapRows(workspace, weights, features);
}

function sumRows(workspace: Workspace, table: Tensor, { offsets, values }: Features): Tensor {
  const positions = offsets.at(-1) ?? 0;
  const columns = positions === 0 ? 1 : values.length / positions;
  const ids = workspace.upload(values as Int32Array, [values.length]);
  const rows = workspace.embed(table, ids);
  ids[dispose]();
  if (columns === 1) return rows;
  const sums = workspace.pool(
    rows,
    Int32Array.from({ length: positions + 1 }, (_, p) => p * columns),
    "sum",
  );
  rows[dispose]();
  return sums;
}

function mapRows(workspace: Workspace, { linear }: InputWeights, { offsets, values }: Features): Tensor {
  if (!linear) throw new TypeError("Cannot use features: the weights must be those of the input, they are not");
  const positions = offsets.at(-1) ?? 0;
  const uploaded = workspace.upload(values as Float32Array, [positions, linear.weight.shape[0] ?? 0]);
  const rows = applyLinear(workspace, linear, uploaded);
  uploaded[dispose]();
  return rows;
}
