// The positions of one batch, brought to the device once for all layers: the angles of rotary positions, the slopes
// of ALiBi, the rows that a convolution sees, and what is added to the rows before the first layer.

import type { Workspace } from "../backend.ts";
import { checkInteger, checkKind, checkOneOf, checkPositive, largest } from "../config-checks.ts";
import { dispose } from "../disposal.ts";
import { alibiSlopes, rotaryTables, sinusoidalGridPositions, sinusoidalPositions } from "../positions.ts";
import { positionsOf } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf } from "../weights.ts";
import { convolutionWindows } from "../windows.ts";
import { type ConvolutionConfig, headShape, type LayerConfig } from "./layer-config.ts";

/** What is added to each row for its position before the first layer. */
export type RowPositions =
  /** Nothing: a set, in which order plays no part unless scores see it. */
  | { readonly kind: "none" }
  /** Waves (Vaswani et al. 2017); `base` is 10000 by default. */
  | { readonly kind: "sinusoidal"; readonly base?: number }
  /** Waves by row and column of a grid of `columns`. */
  | { readonly kind: "sinusoidalGrid"; readonly columns: number; readonly base?: number }
  /** A learned table of `count` rows; a longer set is an error. */
  | { readonly kind: "learned"; readonly count: number };

/** Angles and slopes on the device; `null` where the configuration has none. */
export interface BatchPositions {
  readonly rotation: { readonly positions: Tensor<"i32">; readonly cos: Tensor; readonly sin: Tensor } | null;
  readonly slopes: Tensor | null;
  /** [P, T], the rows that a convolution sees from each, -1 beyond the ends of its set. */
  readonly windows: Tensor<"i32"> | null;
}

/**
 * What self-attention needs to know of the positions of the sets at `offsets` [N + 1], the first row of set n being
 * position `past[n]` (default 0).
 */
export function batchPositions(
  workspace: Workspace,
  config: LayerConfig,
  offsets: Int32Array,
  past?: Int32Array,
): BatchPositions {
  const { heads, headWidth } = headShape(config);
  const { rotary, positionBias, convolution } = config;
  return {
    rotation: rotary ? uploadAngles(workspace, offsets, past, rotary.width ?? headWidth, rotary.base) : null,
    slopes: positionBias?.kind === "alibi" ? workspace.upload(alibiSlopes(heads), [heads]) : null,
    windows: convolution ? uploadWindows(workspace, offsets, convolution) : null,
  };
}

/** Frees what `batchPositions` uploaded. */
export function releasePositions({ rotation, slopes, windows }: BatchPositions): void {
  rotation?.positions[dispose]();
  rotation?.cos[dispose]();
  rotation?.sin[dispose]();
  slopes?.[dispose]();
  windows?.[dispose]();
}

/** Turns the heads of x [P, heads · D], if the configuration says so; takes x over. */
export function rotateHeads(
  workspace: Workspace,
  config: LayerConfig,
  heads: number,
  x: Tensor,
  { rotation }: BatchPositions,
): Tensor {
  if (!rotation) return x;
  const { interleaved = false, width = headShape(config).headWidth } = config.rotary ?? {};
  const turned = workspace.rotate(x, rotation.positions, rotation.cos, rotation.sin, { heads, interleaved, width });
  x[dispose]();
  return turned;
}

/** The learned table of positions [count, W], named `path.table`, or none. */
export function layoutRowPositions<T>(
  path: string,
  positions: RowPositions,
  width: number,
  leaf: WeightLeaf<T>,
): T | null {
  return positions.kind === "learned"
    ? leaf({ name: `${path}.table`, shape: [positions.count, width], role: "embedding" })
    : null;
}

/**
 * `rows` [P, W] with their positions added; `rows` itself where there are none to add. Throws `RangeError` if a set is
 * longer than the learned table.
 */
export function addRowPositions(
  workspace: Workspace,
  positions: RowPositions,
  table: Tensor | null,
  rows: Tensor,
  offsets: Int32Array,
  past?: Int32Array,
): Tensor {
  if (positions.kind === "none") return rows;
  const { ids, first, count } = spanOf(offsets, past);
  const [, width = 0] = rows.shape;
  if (table) {
    const [known = 0] = table.shape;
    if (first + count > known) {
      throw new RangeError(
        `Cannot add positions: the learned table has ${known} positions, a set has ${first + count}`,
      );
    }
    return addEmbedded(workspace, rows, table, ids);
  }
  const waves = workspace.upload(wavesOf(positions, first, count, width), [count, width]);
  const sum = addEmbedded(
    workspace,
    rows,
    waves,
    ids.map((id) => id - first),
  );
  waves[dispose]();
  return sum;
}

/** Throws unless `positions` can be added to rows of `width` columns. */
export function checkRowPositions(subject: string, positions: RowPositions, width: number): void {
  checkKind(subject, "positions", positions, "object");
  checkOneOf(subject, "positions.kind", positions.kind, ["none", "sinusoidal", "sinusoidalGrid", "learned"]);
  if (positions.kind === "learned") checkInteger(subject, "positions.count", positions.count, 1, largest.count);
  if (positions.kind === "sinusoidalGrid")
    checkInteger(subject, "positions.columns", positions.columns, 1, largest.width);
  if (positions.kind === "sinusoidal" || positions.kind === "sinusoidalGrid") {
    if (positions.base !== undefined) checkPositive(subject, "positions.base", positions.base);
    const multiple = positions.kind === "sinusoidal" ? 2 : 4;
    if (width % multiple !== 0) {
      throw new RangeError(
        `Cannot use ${subject}: width must be a multiple of ${multiple} for ${positions.kind} positions, it is ${width}`,
      );
    }
  }
}

function addEmbedded(workspace: Workspace, rows: Tensor, table: Tensor, ids: Int32Array): Tensor {
  const uploaded = workspace.upload(ids, [ids.length]);
  const embedded = workspace.embed(table, uploaded);
  const sum = workspace.add(rows, embedded);
  uploaded[dispose]();
  embedded[dispose]();
  return sum;
}

function wavesOf(positions: RowPositions, first: number, count: number, width: number): Float32Array {
  if (positions.kind !== "sinusoidalGrid")
    return sinusoidalPositions(count, width, positions.kind === "sinusoidal" ? positions.base : undefined, first);
  const { columns, base } = positions;
  const grid = sinusoidalGridPositions(Math.ceil((first + count) / columns), columns, width, base);
  return grid.subarray(first * width, (first + count) * width);
}

function uploadWindows(workspace: Workspace, offsets: Int32Array, { left, right }: ConvolutionConfig): Tensor<"i32"> {
  const { windows, taps } = convolutionWindows(offsets, { size: left + 1 + right, left, right });
  return workspace.upload(windows, [windows.length / taps, taps]);
}

function uploadAngles(
  workspace: Workspace,
  offsets: Int32Array,
  past: Int32Array | undefined,
  width: number,
  base?: number,
): NonNullable<BatchPositions["rotation"]> {
  const { ids, first, count } = spanOf(offsets, past);
  const { cos, sin } = rotaryTables(count, width, base, first);
  return {
    positions: workspace.upload(
      ids.map((id) => id - first),
      [ids.length],
    ),
    cos: workspace.upload(cos, [count, width / 2]),
    sin: workspace.upload(sin, [count, width / 2]),
  };
}

/** The position of each row, and the range `first .. first + count` that they span: tables need only those rows. */
function spanOf(offsets: Int32Array, past?: Int32Array): { ids: Int32Array; first: number; count: number } {
  const ids = positionsOf(offsets, past);
  if (ids.length === 0) return { ids, first: 0, count: 0 };
  let first = Infinity;
  let last = 0;
  for (const id of ids) {
    if (id < first) first = id;
    if (id > last) last = id;
  }
  return { ids, first, count: last - first + 1 };
}
