// Which positions may attend to which: a description, never a matrix. A pattern becomes work only in `plan.ts`.
//
// Positions are counted from the start of their set, for queries and keys alike. Where queries and keys have
// different lengths, query i stands at the aligned position i + offset; by default offset is the number of keys
// minus the number of queries of the set (bottom-right alignment, what a key/value cache needs), as in the ONNX
// Attention operator.

/** A rule that says which query position may attend to which key position. */
export type AttentionPattern =
  /** Every query to every key of its set. */
  | { readonly kind: "full" }
  /** Keys at or before the query's aligned position. */
  | { readonly kind: "causal"; readonly offset?: number }
  /** Keys from `left` before to `right` after the query's aligned position; -1 leaves that side unbounded. */
  | { readonly kind: "window"; readonly left: number; readonly right: number; readonly offset?: number }
  /**
   * A graph in compressed sparse rows, one row per query of all sets: query row r may attend to the key positions
   * `indices[offsets[r] .. offsets[r + 1])`. The order of edges is kept, and names them in biases and maps; an
   * edge that appears twice counts twice. `offsets` is [P + 1], `indices` [E].
   */
  | { readonly kind: "neighbors"; readonly offsets: Int32Array; readonly indices: Int32Array }
  /**
   * Blocks of `size` × `size` pairs, in compressed sparse rows over block rows: each set of P positions has
   * ceil(P / size) block rows, the sets' rows one after another, and `indices` name block columns of that set.
   * The last block of a set may be cut short.
   */
  | { readonly kind: "blocks"; readonly size: number; readonly offsets: Int32Array; readonly indices: Int32Array }
  /**
   * A rule of the caller's own, asked while the plan is built: at most once for each pair of a set, and in an
   * intersection only about pairs that the other patterns permit.
   */
  | { readonly kind: "rule"; readonly permits: (query: number, key: number, set: number) => boolean }
  /** Intersection: every one of `of` must permit the pair. */
  | { readonly kind: "all"; readonly of: readonly AttentionPattern[] };
