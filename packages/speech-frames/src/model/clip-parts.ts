// A part of a clip: some of its positions, and the frames that they are made of. A clip of any length can go through a
// network in parts; zeros stand only where the clip itself begins and ends, so that a part's rows are the clip's.

import { type BandConvolution, bandRows, type FrameConvolution, tapsOf } from "./subsampling.ts";

/** Rows `from .. to) of a clip. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Some positions of a clip. */
export interface ClipPart {
  /** Those that go through the network. */
  readonly positions: Range;
  /** Those of them whose scores are wanted; the others are what these see. */
  readonly keep: Range;
  /** Rows of each stage that `positions` are made of: frames first, then of each convolution of the stem; the last is `positions`. */
  readonly rows: readonly Range[];
  /** How many rows of each stage the clip has; Infinity where its end is not known yet. */
  readonly counts: readonly number[];
}

/** How far a position sees through all layers, in positions. */
export interface Reach {
  readonly left: number;
  readonly right: number;
}

/** The part of a clip of `frames` (Infinity: not known) in which positions `keep` see all that they would in the whole. */
export function clipPart(stem: readonly FrameConvolution[], frames: number, keep: Range, reach: Reach): ClipPart {
  const counts = rowCounts(stem, frames);
  const positions = {
    from: Math.max(0, keep.from - reach.left),
    to: Math.min(counts.at(-1)!, keep.to + reach.right),
  };
  const rows = [positions];
  for (let stage = stem.length - 1; stage >= 0; stage -= 1) {
    const { size, stride, left } = stem[stage]!;
    const { from, to } = rows[0]!;
    rows.unshift({
      from: Math.max(0, from * stride - left),
      to: Math.min(counts[stage]!, (to - 1) * stride - left + size),
    });
  }
  return { positions, keep, rows, counts };
}

/** The whole clip as one part, with all of its rows. */
export function wholeClip(stem: readonly FrameConvolution[], frames: number): ClipPart {
  const counts = rowCounts(stem, frames);
  const rows = counts.map((to): Range => ({ from: 0, to }));
  const positions = rows.at(-1)!;
  return { positions, keep: positions, rows, counts };
}

/**
 * A clip in parts of `size` positions each, the last the rest; the frames of a whole clip whose network sees as far as
 * `reach` from each position.
 */
export function clipParts(stem: readonly FrameConvolution[], frames: number, size: number, reach: Reach): ClipPart[] {
  const P = wholeClip(stem, frames).positions.to;
  return Array.from({ length: Math.ceil(P / size) }, (_, n) =>
    clipPart(stem, frames, { from: n * size, to: Math.min(P, (n + 1) * size) }, reach),
  );
}

/** Positions of parts and the tables that lead to them. */
export interface PartTables {
  /** Of the positions: [N + 1]. */
  readonly offsets: Int32Array;
  /** For `Features.convolutions`: the rows of the stage before that each row of a part sees. */
  readonly convolutions: readonly Int32Array[];
}

/** The tables of parts, whose frames stand one part after another. */
export function partTables(stem: readonly FrameConvolution[], parts: readonly ClipPart[]): PartTables {
  const rowsAt = (part: ClipPart, stage: number): number => part.rows[stage]!.to - part.rows[stage]!.from;
  const convolutions = stem.map((convolution, stage) => {
    const { size, stride, left, bands = oneBand } = convolution;
    const bandsAfter = bandRows(convolution);
    const total = parts.reduce((sum, part) => sum + rowsAt(part, stage + 1), 0);
    const table = new Int32Array(total * bandsAfter * tapsOf(convolution)).fill(-1);
    let [at, first] = [0, 0];
    for (const part of parts) {
      const [before, count] = [part.rows[stage]!, part.counts[stage]!];
      const { from, to } = part.rows[stage + 1]!;
      for (let row = from * bandsAfter; row < to * bandsAfter; row += 1) {
        const time = Math.floor(row / bandsAfter) * stride - left;
        const band = (row % bandsAfter) * bands.stride - bands.left;
        for (let tap = 0; tap < size; tap += 1) {
          const source = time + tap;
          const isThere = source >= 0 && source < count;
          for (let own = band; own < band + bands.size; own += 1, at += 1) {
            if (isThere && own >= 0 && own < bands.rows) table[at] = (first + source - before.from) * bands.rows + own;
          }
        }
      }
      first += rowsAt(part, stage);
    }
    return table;
  });
  const offsets = new Int32Array(parts.length + 1);
  parts.forEach((part, n) => (offsets[n + 1] = offsets[n]! + rowsAt(part, stem.length)));
  return { offsets, convolutions };
}

/** Of a convolution along time alone. */
const oneBand: BandConvolution = { rows: 1, size: 1, stride: 1, left: 0, right: 0 };

function rowCounts(stem: readonly FrameConvolution[], frames: number): number[] {
  const counts = [frames];
  for (const { size, stride, left, right } of stem) {
    counts.push(Math.floor((counts.at(-1)! + left + right - size) / stride) + 1);
  }
  return counts;
}
