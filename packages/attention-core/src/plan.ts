// What a plan is. `compile-plan.ts` makes one from a pattern; the backends read it.

/**
 * One contiguous range of keys per query row: what full, causal and window patterns and their intersections come to.
 * Query row r may attend to key positions `starts[r] .. ends[r])` of its set. Both arrays are [P].
 */
export interface RangesForm {
  readonly kind: "ranges";
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Rows of queries that share their segments in a `SegmentsForm`; blocks start anew with each set. */
export const queriesPerBlock = 8;

/**
 * Several ranges of keys per block of eight query rows: what block patterns and rules come to. Block b (blocks are
 * counted through all sets, ceil(queries / 8) in each) owns segments `blockOffsets[b] .. blockOffsets[b + 1])`,
 * ascending and disjoint. Segment s covers key positions `starts[s] .. ends[s])`; where `masks[s]` is -1 all rows of
 * the block may attend to all of it, otherwise bit i of `bits[masks[s] + key - starts[s]]` says whether row i of the
 * block may attend to `key`.
 */
export interface SegmentsForm {
  readonly kind: "segments";
  readonly blockOffsets: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly masks: Int32Array;
  readonly bits: Uint8Array;
}

/**
 * A list of keys per query row, in the order of the neighbours pattern: `indices` are key positions within the set.
 * `edges[e]` is the place of edge e in the original pattern, where an intersection dropped some; `null` says that
 * all are there.
 */
export interface EdgesForm {
  readonly kind: "edges";
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly edges: Int32Array | null;
  /** E, the number of edges of the original neighbours pattern: the length of per-edge biases and maps. */
  readonly edgeCount: number;
}

/**
 * A pattern applied to a batch: plain data, made once, used by every layer and any backend.
 */
export interface AttentionPlan {
  /** First row of each query set, then P: [N + 1]. */
  readonly queryOffsets: Int32Array;
  /** First row of each key set, then the number of key rows: [N + 1]. */
  readonly keyOffsets: Int32Array;
  readonly form: RangesForm | SegmentsForm | EdgesForm;
  /** Permitted pairs of query and key, for one head. */
  readonly pairs: number;
  /** The pairs that full attention would compute. */
  readonly densePairs: number;
  /** The most keys that any one query may attend to. */
  readonly longestRow: number;
}
