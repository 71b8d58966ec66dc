// A pattern over some sets of a batch alone.

import type { AttentionPattern } from "../pattern.ts";

type Neighbors = Extract<AttentionPattern, { readonly kind: "neighbors" }>;

/**
 * `pattern`, which is for sets at `offsets` [N + 1] that attend to themselves, for sets `from .. end)` of them. Throws
 * `RangeError` for neighbours or blocks that are not as many as the sets have rows.
 */
export function slicePattern(
  pattern: AttentionPattern,
  offsets: Int32Array,
  from: number,
  end: number,
): AttentionPattern {
  switch (pattern.kind) {
    case "neighbors":
      return { kind: "neighbors", ...sliceRows(pattern, offsets.at(-1)!, offsets[from]!, offsets[end]!) };
    case "blocks": {
      const firstRows = blockRows(offsets, pattern.size);
      const rows = sliceRows(pattern, firstRows.at(-1)!, firstRows[from]!, firstRows[end]!);
      return { kind: "blocks", size: pattern.size, ...rows };
    }
    case "rule": {
      const { permits } = pattern;
      return { kind: "rule", permits: (query, key, set) => permits(query, key, from + set) };
    }
    case "all":
      return { kind: "all", of: pattern.of.map((part) => slicePattern(part, offsets, from, end)) };
    case "full":
    case "causal":
    case "window":
      return pattern; // the same for every set
  }
}

/** The neighbours whose edges a plan counts: the first of an intersection. */
export function edgesOf(pattern: AttentionPattern): Neighbors | undefined {
  if (pattern.kind === "neighbors") return pattern;
  if (pattern.kind !== "all") return undefined;
  for (const part of pattern.of) {
    const graph = edgesOf(part);
    if (graph !== undefined) return graph;
  }
  return undefined;
}

/** Rows `first .. last)` of compressed sparse rows of which there must be `rows`; their indices count within sets. */
function sliceRows(
  { kind, offsets, indices }: Neighbors | Extract<AttentionPattern, { readonly kind: "blocks" }>,
  rows: number,
  first: number,
  last: number,
): { readonly offsets: Int32Array; readonly indices: Int32Array } {
  if (offsets.length !== rows + 1) {
    throw new RangeError(
      `Cannot slice a pattern: offsets of ${kind} must be ${rows + 1} for this batch, there are ${offsets.length}`,
    );
  }
  const start = offsets[first]!;
  return {
    offsets: offsets.subarray(first, last + 1).map((offset) => offset - start),
    indices: indices.subarray(start, offsets[last]!),
  };
}

/** The first block row of each set, then how many there are. */
function blockRows(offsets: Int32Array, size: number): Int32Array {
  const rows = new Int32Array(offsets.length);
  for (let set = 0; set + 1 < offsets.length; set += 1) {
    rows[set + 1] = rows[set]! + Math.ceil((offsets[set + 1]! - offsets[set]!) / size);
  }
  return rows;
}
