// A plan in linear memory: what the attention kernels read of it, copied in once per workspace.

import { type AttentionPlan, queriesPerBlock } from "../plan.ts";
import type { Arena } from "./arena.ts";
import type { Heap } from "./heap.ts";

/** Keys that the register tile scores at a time. */
const keysPerPanel = 6;

/** Addresses of a plan's parts, and the sizes that follow from it. */
export interface PlanMemory {
  readonly sets: number;
  readonly queries: number;
  readonly keyRows: number;
  readonly blocks: number;
  readonly panels: number;
  readonly longestSet: number;
  readonly blockSets: number;
  readonly blockOffsets: number;
  readonly queryOffsets: number;
  readonly keyOffsets: number;
  readonly panelOffsets: number;
  readonly pairOffsets: number;
  readonly form: 0 | 1 | 2;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly masks: number;
  readonly bits: number;
}

/** Copies `plan` into `arena`. Throws `OutOfMemoryError`. */
export function storePlan(heap: Heap, arena: Arena, plan: AttentionPlan): PlanMemory {
  const { queryOffsets, keyOffsets, form } = plan;
  const sets = queryOffsets.length - 1;
  const blockOffsets = new Int32Array(sets + 1);
  const panelOffsets = new Int32Array(sets + 1);
  const pairOffsets = new Float64Array(sets + 1);
  let longestSet = 0;
  for (let n = 0; n < sets; n += 1) {
    const queries = queryOffsets[n + 1]! - queryOffsets[n]!;
    const keys = keyOffsets[n + 1]! - keyOffsets[n]!;
    blockOffsets[n + 1] = blockOffsets[n]! + Math.ceil(queries / queriesPerBlock);
    panelOffsets[n + 1] = panelOffsets[n]! + Math.ceil(keys / keysPerPanel);
    pairOffsets[n + 1] = pairOffsets[n]! + queries * keys;
    longestSet = Math.max(longestSet, keys);
  }
  const blocks = blockOffsets[sets]!;
  const blockSets = new Int32Array(blocks);
  for (let n = 0; n < sets; n += 1) blockSets.fill(n, blockOffsets[n], blockOffsets[n + 1]);

  const store = (values: Int32Array | Float64Array | Uint8Array | null): number => {
    if (values === null) return 0;
    const address = arena.allocate(values.byteLength);
    heap.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
    return address;
  };
  const common = {
    sets,
    queries: queryOffsets[sets]!,
    keyRows: keyOffsets[sets]!,
    blocks,
    panels: panelOffsets[sets]!,
    longestSet,
    blockSets: store(blockSets),
    blockOffsets: store(blockOffsets),
    queryOffsets: store(queryOffsets),
    keyOffsets: store(keyOffsets),
    panelOffsets: store(panelOffsets),
    pairOffsets: store(pairOffsets),
  };
  switch (form.kind) {
    case "ranges":
      return { ...common, form: 0, first: store(form.starts), second: store(form.ends), third: 0, masks: 0, bits: 0 };
    case "segments":
      return {
        ...common,
        form: 1,
        first: store(form.blockOffsets),
        second: store(form.starts),
        third: store(form.ends),
        masks: store(form.masks),
        bits: store(form.bits),
      };
    case "edges":
      return { ...common, form: 2, first: store(form.offsets), second: store(form.indices), third: store(form.edges), masks: 0, bits: 0 };
  }
}
