// Which pixels, and then which rows, each stage of a stem sees: the same for every image of a model, so the tables of one
// image are made once and repeated.

import { type Grid, gridWindows } from "@saccade/attention-core";

/** Where a 2-D convolution looks; each pair is along rows, then along columns. Patches of p × p are size and stride [p, p]. */
export interface StemGeometry {
  readonly size: readonly [rows: number, columns: number];
  /** Default 1 and 1. */
  readonly stride?: readonly [rows: number, columns: number];
  /** Zeros above, to the left, below and to the right. Default 0. */
  readonly padding?: readonly [top: number, left: number, bottom: number, right: number];
}

/** The tables of one image. */
export interface StemWindows {
  /** For each stage [rows of the stage, T], -1 for zeros. */
  readonly stages: readonly Int32Array[];
  /** For each stage the rows that it reads: pixels first. */
  readonly inputs: readonly number[];
  /** The grid of the last stage's rows, the class token aside. */
  readonly grid: Grid;
}

/**
 * The tables of a stem over an image of `rows` × `columns` pixels. With `classToken` the last stage has a row before all
 * others that sees nothing: what it becomes is learned alone, by the bias of that stage and its position. Throws
 * `RangeError` if a stage has nothing left to look at.
 */
export function stemWindows(image: Grid, stem: readonly StemGeometry[], classToken = false): StemWindows {
  const stages: Int32Array[] = [];
  const inputs: number[] = [];
  let grid = image;
  stem.forEach((geometry, stage) => {
    const { windows, grids, taps } = gridWindows([grid], geometry);
    inputs.push(grid[0] * grid[1]);
    grid = grids[0]!;
    if (grid[0] * grid[1] === 0) {
      throw new RangeError(
        `Cannot use stem: stage ${stage} must fit into its grid of ${inputs.at(-1)} rows, it is ${geometry.size.join(" x ")}`,
      );
    }
    if (!classToken || stage < stem.length - 1) stages.push(windows);
    else {
      const withToken = new Int32Array(taps + windows.length).fill(-1, 0, taps);
      withToken.set(windows, taps);
      stages.push(withToken);
    }
  });
  return { stages, inputs, grid };
}

/** The tables of several images, one after another. */
export type RepeatWindows = (images: number) => readonly Int32Array[];

/** Repeats the tables of one image. The longest that were made are kept: shorter ones are the beginning of longer ones. */
export function windowRepeater({ stages, inputs }: StemWindows): RepeatWindows {
  let known = 0;
  let tables: readonly Int32Array[] = [];
  return (images) => {
    if (images > known) {
      tables = stages.map((table, stage) => repeat(table, inputs[stage]!, images));
      known = images;
    }
    return tables.map((table, stage) => table.subarray(0, images * stages[stage]!.length));
  };
}

function repeat(table: Int32Array, rows: number, images: number): Int32Array {
  const result = new Int32Array(images * table.length);
  for (let image = 0, at = 0; image < images; image += 1) {
    const first = image * rows;
    for (let i = 0; i < table.length; i += 1, at += 1) {
      const row = table[i]!;
      result[at] = row < 0 ? -1 : first + row;
    }
  }
  return result;
}
