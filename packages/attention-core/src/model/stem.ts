// Convolutions before an encoder: each row of a stage is a linear map of some rows of the stage before it, side by side.
// Which rows, the features say (`convolutionWindows`, `gridWindows`): the same stem takes frames of speech, patches of an
// image and anything else whose neighbourhoods can be listed.

import type { Activation, Workspace } from "../backend.ts";
import { checkInteger, checkKind, checkOneOf, largest } from "../config-checks.ts";
import { dispose } from "../disposal.ts";
import { activations } from "../layers/layer-config.ts";
import { applyLinear, layoutLinear, type LinearWeights } from "../layers/linear.ts";
import { applyNorm, layoutNorm, type NormWeights } from "../layers/norm.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";

/** One convolution: act(norm(linear(rows side by side))). */
export interface StemStage {
  /** T, rows of the stage before that each row sees. */
  readonly taps: number;
  /** Columns of its rows. */
  readonly width: number;
  /** Default none. */
  readonly activation?: Activation;
  /** Whether the sums are normalised before the activation, as the encoder's rows are. Default false. */
  readonly norm?: boolean;
}

/** The weights of a stage: `linear` [T · columns before, width]. */
export interface StemStageWeights<T = Tensor> {
  readonly linear: LinearWeights<T>;
  readonly norm: NormWeights<T> | null;
}

/** How a norm works, whatever its width. */
export type StemNorm = Parameters<typeof applyNorm>[1];

/** The weights of the stages over rows of `inputs` columns, named `path.0.linear.*`, `path.0.norm.*` and so on. */
export function layoutStem<T>(
  path: string,
  inputs: number,
  stages: readonly StemStage[],
  norm: StemNorm,
  leaf: WeightLeaf<T>,
): StemStageWeights<T>[] {
  return stages.map(({ taps, width, norm: normed = false }, stage) => {
    const before = stage === 0 ? inputs : stages[stage - 1]!.width;
    return {
      linear: layoutLinear(`${path}.${stage}.linear`, taps * before, width, true, leaf),
      norm: normed ? layoutNorm(`${path}.${stage}.norm`, { ...norm, width }, leaf) : null,
    };
  });
}

/**
 * The rows of the last stage. `windows` has for each stage the rows [rows of the stage, T] that each of its rows sees, -1
 * for zeros. `rows` is taken over.
 */
export function applyStem(
  workspace: Workspace,
  stages: readonly StemStage[],
  norm: StemNorm,
  weights: readonly StemStageWeights[],
  rows: Tensor,
  windows: readonly Int32Array[],
): Tensor {
  return stages.reduce((x, { taps, width, activation }, stage) => {
    const { linear, norm: normWeights } = weights[stage]!;
    const table = windows[stage]!;
    const places = workspace.upload(table, [table.length / taps, taps]);
    const beside = workspace.unfold(x, places);
    for (const used of [places, x]) used[dispose]();
    const sums = applyLinear(workspace, linear, beside, normWeights ? undefined : activation);
    beside[dispose]();
    if (!normWeights) return sums;
    const normed = applyNorm(workspace, { ...norm, width }, normWeights, sums);
    sums[dispose]();
    if (activation === undefined) return normed;
    const activated = workspace.activate(normed, activation);
    normed[dispose]();
    return activated;
  }, rows);
}

/** Throws unless `stages` describe a stem whose last rows have `width` columns. */
export function checkStem(subject: string, stages: readonly StemStage[], width: number): void {
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new TypeError(`Cannot use ${subject}: stages must be a list of one or more, it is not`);
  }
  stages.forEach((stage: StemStage, i) => {
    const name = `${subject}.stages.${i}`;
    checkKind(name, "the configuration", stage, "object");
    checkInteger(name, "taps", stage.taps, 1, largest.width);
    checkInteger(name, "width", stage.width, 1, largest.width);
    if (stage.activation !== undefined) checkOneOf(name, "activation", stage.activation, activations);
    if (stage.norm !== undefined) checkKind(name, "norm", stage.norm, "boolean");
  });
  const last = stages.at(-1)!.width;
  if (last !== width) {
    throw new RangeError(
      `Cannot use ${subject}: the last stage must have the encoder's width ${width}, it has ${last}`,
    );
  }
}

/**
 * Throws `TypeError` or `RangeError` unless `windows` lead from `inputs` rows to `positions`: a table for each stage, of
 * whole rows of T.
 */
export function checkStemWindows(
  stages: readonly StemStage[],
  windows: readonly Int32Array[] | undefined,
  positions: number,
): void {
  if (windows?.length !== stages.length) {
    throw new TypeError(
      `Cannot use features: convolutions must be ${stages.length} tables, one for each stage, there are ${windows?.length ?? 0}`,
    );
  }
  stages.forEach(({ taps }, stage) => {
    const table = windows[stage];
    if (!(table instanceof Int32Array)) {
      throw new TypeError(`Cannot use features: convolutions of stage ${stage} must be an Int32Array, they are not`);
    }
    const isLast = stage === stages.length - 1;
    if (isLast ? table.length !== positions * taps : table.length % taps !== 0) {
      const rule = isLast ? `${taps} for each of ${positions} positions` : `a multiple of ${taps}`;
      throw new RangeError(
        `Cannot use features: convolutions of stage ${stage} must be ${rule}, there are ${table.length}`,
      );
    }
  });
}
