// How to read a plan one query row at a time: for reference loops and tests. Kernels read the forms themselves.

import { type AttentionPlan, queriesPerBlock, type SegmentsForm } from "./plan.ts";
import { setOfRow } from "./ragged.ts";

/**
 * Calls `visit` for every key position that query row `row` (counted through all sets) may attend to, in the plan's
 * order: ascending, or that of the edges. `edge` is the edge's place in the neighbours pattern, -1 for other plans.
 *
 * @example
 * const offsets = Int32Array.of(0, 3);
 * const keys: number[] = [];
 * forEachKey(compilePlan(offsets, offsets, { kind: "causal" }), 1, (key) => keys.push(key));
 * keys; // [0, 1]
 */
export function forEachKey(plan: AttentionPlan, row: number, visit: (key: number, edge: number) => void): void {
  const { form } = plan;
  switch (form.kind) {
    case "ranges":
      for (let key = form.starts[row]!; key < form.ends[row]!; key += 1) visit(key, -1);
      return;
    case "edges":
      for (let e = form.offsets[row]!; e < form.offsets[row + 1]!; e += 1)
        visit(form.indices[e]!, form.edges?.[e] ?? e);
      return;
    case "segments":
      forEachKeyOfSegments(plan.queryOffsets, form, row, visit);
      return;
    default:
      form satisfies never;
  }
}

function forEachKeyOfSegments(
  queryOffsets: Int32Array,
  form: SegmentsForm,
  row: number,
  visit: (key: number, edge: number) => void,
): void {
  const set = setOfRow(queryOffsets, row);
  let block = 0;
  for (let n = 0; n < set; n += 1) block += Math.ceil((queryOffsets[n + 1]! - queryOffsets[n]!) / queriesPerBlock);
  const query = row - queryOffsets[set]!;
  block += Math.floor(query / queriesPerBlock);
  const bit = 1 << (query % queriesPerBlock);
  for (let s = form.blockOffsets[block]!; s < form.blockOffsets[block + 1]!; s += 1) {
    const mask = form.masks[s]!;
    for (let key = form.starts[s]!; key < form.ends[s]!; key += 1) {
      if (mask === -1 || (form.bits[mask + key - form.starts[s]!]! & bit) !== 0) visit(key, -1);
    }
  }
}

/** Whether each pair is permitted: for each set in turn [queries, keys], 1 or 0, flat. For tests and small pictures. */
export function permittedPairs(plan: AttentionPlan): Uint8Array {
  const { queryOffsets, keyOffsets } = plan;
  const permitted = new Uint8Array(plan.densePairs);
  let at = 0;
  for (let n = 0; n < queryOffsets.length - 1; n += 1) {
    const keys = keyOffsets[n + 1]! - keyOffsets[n]!;
    for (let row = queryOffsets[n]!; row < queryOffsets[n + 1]!; row += 1) {
      const first = at;
      forEachKey(plan, row, (key) => {
        permitted[first + key] = 1;
      });
      at += keys;
    }
  }
  return permitted;
}
