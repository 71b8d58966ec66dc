// From a pattern to a plan: which keys each query row will read, found once per batch in time and memory linear in
// the size of the pattern. Windows come to one range per row, neighbours to a list of edges, blocks and rules to
// several ranges per block of rows; an intersection to the narrowest of these that holds it.

import { compileEdges } from "./compile-edges.ts";
import { compileSegments } from "./compile-segments.ts";
import { type Batch, lengthOf, openBatch, partsOf, type Window } from "./pattern-parts.ts";
import type { AttentionPattern } from "./pattern.ts";
import type { AttentionPlan, RangesForm } from "./plan.ts";

/**
 * Compiles `pattern` for a batch of N sets: `queries` and `keys` [N + 1] are the row offsets of the query and key
 * sets, the same array for self-attention. The plan shares no memory with its arguments.
 *
 * Windows compile to ranges; neighbours to edges, in their order, and so does an intersection that holds some (of
 * several, the first one's edges); blocks and rules to segments, or to ranges if every row permits one range only. In
 * an intersection a rule is asked about those pairs alone that all other patterns permit.
 *
 * Throws `TypeError` for arguments of the wrong kind and `RangeError` for offsets that do not start with 0, decrease or
 * hold different numbers of sets, and for patterns that do not fit the batch.
 *
 * @example
 * const offsets = Int32Array.of(0, 3, 5);
 * compilePlan(offsets, offsets, { kind: "causal" }).pairs; // 3 · 4 / 2 + 2 · 3 / 2 = 9
 */
export function compilePlan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan {
  const batch = openBatch(queries, keys);
  const parts = partsOf(pattern, batch);
  const ranges = rangesOf(parts.windows, batch);
  const compiled =
    parts.neighbors.length > 0
      ? compileEdges(parts, ranges, batch)
      : parts.blocks.length + parts.rules.length > 0
        ? compileSegments(parts, ranges, batch)
        : { form: ranges, ...countRanges(ranges) };
  return { queryOffsets: batch.queryOffsets, keyOffsets: batch.keyOffsets, densePairs: batch.densePairs, ...compiled };
}

/** The intersection of all windows; without any, every key of the set. */
function rangesOf(windows: readonly Window[], batch: Batch): RangesForm {
  const { sets, queryOffsets, keyOffsets } = batch;
  const starts = new Int32Array(queryOffsets[sets]!);
  const ends = new Int32Array(queryOffsets[sets]!);
  for (let n = 0; n < sets; n += 1) {
    const first = queryOffsets[n]!;
    const queries = lengthOf(queryOffsets, n);
    const keys = lengthOf(keyOffsets, n);
    for (let query = 0; query < queries; query += 1) {
      let start = 0;
      let end = keys;
      for (const { left, right, offset = keys - queries } of windows) {
        const aligned = query + offset;
        start = Math.max(start, Math.min(aligned - left, keys));
        end = Math.min(end, aligned + right + 1);
      }
      starts[first + query] = start;
      ends[first + query] = Math.max(start, end);
    }
  }
  return { kind: "ranges", starts, ends };
}

function countRanges({ starts, ends }: RangesForm): { readonly pairs: number; readonly longestRow: number } {
  let pairs = 0;
  let longestRow = 0;
  for (let row = 0; row < starts.length; row += 1) {
    const length = ends[row]! - starts[row]!;
    pairs += length;
    longestRow = Math.max(longestRow, length);
  }
  return { pairs, longestRow };
}
