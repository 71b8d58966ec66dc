// A plan in linear memory: what the attention kernels read of it, copied in once per workspace.

import { type AttentionPlan, queriesPerBlock, type RangesForm } from "../plan.ts";
import type { Arena } from "./arena.ts";
import type { Heap } from "./heap.ts";

/** Keys that the register tile scores at a time. */
const keysPerPanel = 6;

/** Multiply-adds of one unit of the tiled kernel, at most: a few milliseconds. */
const unitCost = 2 ** 27;
/** Blocks of a group, at least and at most: with fewer, keys are packed too often; more do not help. */
const fewestBlocks = 4;
const mostBlocks = 64;
const mostBlocksOfAllHeads = 32;
/** Rows of keys and values that are packed for all heads at a time, at most: they should stay in the second-level cache. */
const nearBytes = 2 ** 21;

/** Addresses of a plan's parts, and the sizes that follow from it. */
export interface PlanMemory {
  readonly sets: number;
  readonly queries: number;
  readonly keyRows: number;
  readonly blocks: number;
  readonly groups: number;
  readonly groupBlocks: number;
  readonly groupOffsets: number;
  readonly headsPerUnit: number;
  readonly headsFirst: 0 | 1;
  /** The most keys that a unit packs. */
  readonly widestSpan: number;
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

/**
 * Copies `plan` into `arena`. `kvHeads` key heads are to be attended to, `headWidth` columns wide, key and value
 * together, by `threads`. Throws `OutOfMemoryError`.
 */
export function storePlan(heap: Heap, arena: Arena, plan: AttentionPlan, kvHeads: number, headWidth: number, threads: number): PlanMemory {
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
  // All heads of a group in one unit, where its keys and values are few: sets are read once, in order.
  const pairsPerBlock = plan.pairs / Math.max(1, blocks);
  const local = 2 * plan.pairs < plan.densePairs;
  const nearRows = nearBytes / Math.max(1, 4 * kvHeads * headWidth);
  const allHeads = local ? pairsPerBlock / queriesPerBlock < nearRows / 2 : longestSet <= nearRows;
  const affordable = Math.floor(unitCost / Math.max(1, pairsPerBlock * headWidth * (allHeads ? kvHeads : 1)));
  const blocksPerGroup = Math.max(fewestBlocks, Math.min(allHeads ? mostBlocksOfAllHeads : mostBlocks, affordable));
  const { groupBlocks, groupOffsets } = groupBlocksOf(blockOffsets, blocksPerGroup);
  const groups = groupBlocks.length - 1;
  const together = allHeads && (threads === 1 || groups >= 4 * threads) ? kvHeads : 1;

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
    groups,
    groupBlocks: store(groupBlocks),
    groupOffsets: store(groupOffsets),
    headsPerUnit: together,
    headsFirst: allHeads || local ? (1 as const) : (0 as const),
    widestSpan: local && form.kind === "ranges" ? widestSpanOf(plan, form, blockOffsets, groupBlocks) : longestSet,
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

/** Cuts each set's blocks into groups of about the same size, at most `most` blocks. */
function groupBlocksOf(blockOffsets: Int32Array, most: number): { readonly groupBlocks: Int32Array; readonly groupOffsets: Int32Array } {
  const sets = blockOffsets.length - 1;
  const groupOffsets = new Int32Array(sets + 1);
  const first: number[] = [];
  for (let n = 0; n < sets; n += 1) {
    const count = blockOffsets[n + 1]! - blockOffsets[n]!;
    const groups = Math.ceil(count / most);
    for (let g = 0; g < groups; g += 1) first.push(blockOffsets[n]! + Math.floor((g * count) / groups));
    groupOffsets[n + 1] = first.length;
  }
  first.push(blockOffsets[sets]!);
  return { groupBlocks: Int32Array.from(first), groupOffsets };
}

/** The most keys that one group may attend to; all of a set, where they are more than half of it. */
function widestSpanOf(plan: AttentionPlan, form: RangesForm, blockOffsets: Int32Array, groupBlocks: Int32Array): number {
  const { queryOffsets, keyOffsets } = plan;
  let widest = 0;
  let n = 0;
  for (let g = 0; g + 1 < groupBlocks.length; g += 1) {
    while (groupBlocks[g]! >= blockOffsets[n + 1]!) n += 1;
    const first = queryOffsets[n]! + queriesPerBlock * (groupBlocks[g]! - blockOffsets[n]!);
    const last = Math.min(queryOffsets[n + 1]!, first + queriesPerBlock * (groupBlocks[g + 1]! - groupBlocks[g]!));
    let low = Infinity;
    let high = 0;
    for (let row = first; row < last; row += 1) {
      if (form.starts[row]! >= form.ends[row]!) continue;
      low = Math.min(low, form.starts[row]!);
      high = Math.max(high, form.ends[row]!);
    }
    const keys = keyOffsets[n + 1]! - keyOffsets[n]!;
    if (high > low) widest = Math.max(widest, 2 * (high - low) > keys ? keys : high - low + keysPerPanel);
  }
  return widest;
}
