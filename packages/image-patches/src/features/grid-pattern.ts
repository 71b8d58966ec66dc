// Attention in a window on a grid: a patch sees those at most `reach` rows and columns away.

import type { AttentionPattern, Grid } from "@saccade/attention-core";

/** Which patches of an image may attend to each other. */
export type ImagePattern =
  /** All. */
  | { readonly kind: "full" }
  /** Those at most `reach` rows and columns away; a class token sees all and is seen by all. */
  | { readonly kind: "grid-window"; readonly reach: readonly [rows: number, columns: number] };

/**
 * The pattern over sets that are all of `grid`, a class token before it or not. A window that holds the whole grid is full.
 */
export function gridPattern(pattern: ImagePattern, grid: Grid, classToken = false): AttentionPattern {
  if (pattern.kind === "full") return { kind: "full" };
  const [rows, columns] = grid;
  const [y, x] = pattern.reach;
  if (y >= rows - 1 && x >= columns - 1) return { kind: "full" };
  const first = classToken ? 1 : 0;
  // Asked of each pair in each batch, so looked up.
  const P = first + rows * columns;
  const rowOf = Int32Array.from({ length: P }, (_, p) => Math.floor((p - first) / columns));
  const columnOf = Int32Array.from({ length: P }, (_, p) => (p - first) % columns);
  const rule: AttentionPattern = {
    kind: "rule",
    permits: (query, key) =>
      query < first ||
      key < first ||
      (Math.abs(rowOf[query]! - rowOf[key]!) <= y && Math.abs(columnOf[query]! - columnOf[key]!) <= x),
  };
  if (classToken) return rule;
  // What is farther along the rows end to end need not be asked about.
  const span = y * columns + x;
  return { kind: "all", of: [{ kind: "window", left: span, right: span }, rule] };
}
