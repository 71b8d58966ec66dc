// A plan of edges as work of about equal size: rows side by side, together until they have enough edges; and rows of very
// many, the hubs, in parts of their own.

import type { AttentionPlan } from "../plan.ts";

/** What a workgroup takes at a time. */
export interface BinSizes {
  /** Heads of a unit. */
  readonly heads: number;
  /** Edges of a bin at most: a row of more is a hub. */
  readonly edges: number;
  readonly rows: number;
}

/** Heads that a workgroup takes together at most, the scores and the pairs of row and head that it has room for. */
const mostHeads = 16;
export const mostScores = 1024;
export const mostStates = 512;
/** Edges and rows of a bin at most, for few heads. */
export const mostEdges = 512;
export const mostRows = 256;
/** Edges of a part of a hub at most. */
export const partEdges = 4096;

/** The sizes for H heads: they depend on nothing else, so that bits do not depend on the batch. */
export function binSizesOf(H: number): BinSizes {
  const heads = Math.min(H, mostHeads);
  return {
    heads,
    edges: Math.min(mostEdges, Math.floor(mostScores / heads)),
    rows: Math.min(mostRows, Math.floor(mostStates / heads)),
  };
}

/** Integers of a bin: first query row, rows. Of a hub: query row, first part, parts. Of a part: query row, first and end of its edges. */
export const binFields = 2;
export const hubFields = 3;
export const partFields = 3;

/** Bins, hubs and their parts. */
export interface NeighborBins {
  readonly bins: Int32Array;
  readonly hubs: Int32Array;
  readonly parts: Int32Array;
}

/** Cuts a plan of edges; for another form there is nothing. */
export function cutNeighborBins({ form, queryOffsets }: AttentionPlan, sizes: BinSizes): NeighborBins {
  const bins: number[] = [];
  const hubs: number[] = [];
  const parts: number[] = [];
  const P = form.kind === "edges" ? queryOffsets.at(-1)! : 0;
  const offsets = form.kind === "edges" ? form.offsets : new Int32Array(1);
  let first = 0;
  const close = (row: number): void => {
    if (first < row) bins.push(first, row - first);
    first = row;
  };
  for (let row = 0; row < P; row += 1) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    if (end - start > sizes.edges) {
      close(row);
      first = row + 1;
      hubs.push(row, parts.length / partFields, Math.ceil((end - start) / partEdges));
      for (let edge = start; edge < end; edge += partEdges) parts.push(row, edge, Math.min(end, edge + partEdges));
    } else if (end - offsets[first]! > sizes.edges || row - first === sizes.rows) close(row);
  }
  close(P);
  return { bins: Int32Array.from(bins), hubs: Int32Array.from(hubs), parts: Int32Array.from(parts) };
}
