// A plan as the attention kernels read it: laid out once per plan and kind of head, copied in once per workspace.

import { type AttentionPlan, queriesPerBlock, type RangesForm } from "../plan.ts";

/** Keys that the register tile scores at a time. */
const keysPerPanel = 6;

/** Multiply-adds of one unit of the tiled kernel, at most: one to three milliseconds. */
const unitCost = 2 ** 26;
/** Blocks of a group, at least and at most: with fewer, keys are packed too often; more do not help. */
const fewestBlocks = 4;
const mostBlocks = 64;
const mostBlocksOfAllHeads = 32;
/** Rows of keys and values that are packed for all heads at a time, at most: they should stay in the second-level cache. */
const nearBytes = 2 ** 21;

/** What the tiled kernel needs to know of the heads that a plan is for. */
export interface HeadLayout {
  readonly kvHeads: number;
  /** Columns of a key head and a value head together. */
  readonly headWidth: number;
  readonly threads: number;
}

/** A plan as the kernels read it: one stretch of integers to copy in, the places of its parts in it, and its sizes. */
export interface PlanImage {
  readonly heads: HeadLayout;
  readonly integers: Int32Array;
  /** Byte offsets into `integers`; null where the plan has no such part. */
  readonly places: Readonly<Record<PlanPart, number | null>>;
  readonly sizes: PlanSizes;
}

type PlanPart =
  | "groupBlocks"
  | "groupOffsets"
  | "blockSets"
  | "blockOffsets"
  | "queryOffsets"
  | "keyOffsets"
  | "panelOffsets"
  | "pairOffsets"
  | "first"
  | "second"
  | "third"
  | "masks"
  | "bits";

/** Sizes that follow from a plan. */
export interface PlanSizes {
  readonly sets: number;
  readonly queries: number;
  readonly keyRows: number;
  /** Of eight query rows. */
  readonly blocks: number;
  readonly groups: number;
  readonly headsPerUnit: number;
  readonly headsFirst: 0 | 1;
  /** The most keys that a unit packs. */
  readonly widestSpan: number;
  /** Of six keys. */
  readonly panels: number;
  readonly longestSet: number;
  /** 0 ranges, 1 segments, 2 edges. */
  readonly form: 0 | 1 | 2;
}

/** Whether `image` was laid out for such heads. */
export function fits(image: PlanImage, heads: HeadLayout): boolean {
  return (
    image.heads.kvHeads === heads.kvHeads &&
    image.heads.headWidth === heads.headWidth &&
    image.heads.threads === heads.threads
  );
}

/** Lays `plan` out for `heads`. */
export function layOutPlan(plan: AttentionPlan, heads: HeadLayout): PlanImage {
  const { kvHeads, headWidth, threads } = heads;
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

  const edges = form.kind === "edges";
  const ranges = form.kind === "ranges";
  const parts: Readonly<Record<PlanPart, Int32Array | Float64Array | Uint8Array | null>> = {
    pairOffsets, // first: the only part that needs eight-byte alignment
    groupBlocks,
    groupOffsets,
    blockSets,
    blockOffsets,
    queryOffsets,
    keyOffsets,
    panelOffsets,
    first: edges ? form.offsets : ranges ? form.starts : form.blockOffsets,
    second: edges ? form.indices : ranges ? form.ends : form.starts,
    third: edges ? form.edges : ranges ? null : form.ends,
    masks: edges || ranges ? null : form.masks,
    bits: edges || ranges ? null : form.bits,
  };
  return {
    heads,
    ...joinParts(parts),
    sizes: {
      sets,
      queries: queryOffsets[sets]!,
      keyRows: keyOffsets[sets]!,
      blocks,
      groups,
      headsPerUnit: allHeads && (threads === 1 || groups >= 4 * threads) ? kvHeads : 1,
      headsFirst: allHeads || local ? 1 : 0,
      widestSpan: local && ranges ? widestSpanOf(plan, form, blockOffsets, groupBlocks) : longestSet,
      panels: panelOffsets[sets]!,
      longestSet,
      form: ranges ? 0 : edges ? 2 : 1,
    },
  };
}

function joinParts(
  parts: Readonly<Record<PlanPart, Int32Array | Float64Array | Uint8Array | null>>,
): Pick<PlanImage, "integers" | "places"> {
  const names = Object.keys(parts) as PlanPart[];
  const places = {} as Record<PlanPart, number | null>;
  let bytes = 0;
  for (const name of names) {
    const part = parts[name];
    places[name] = part === null ? null : bytes;
    bytes += part === null ? 0 : Math.ceil(part.byteLength / 8) * 8;
  }
  const image = new Uint8Array(bytes);
  for (const name of names) {
    const part = parts[name];
    if (part !== null) image.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), places[name]!);
  }
  return { integers: new Int32Array(image.buffer), places };
}

/** Cuts each set's blocks into groups of about the same size, at most `most` blocks. */
function groupBlocksOf(
  blockOffsets: Int32Array,
  most: number,
): { readonly groupBlocks: Int32Array; readonly groupOffsets: Int32Array } {
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
function widestSpanOf(
  plan: AttentionPlan,
  form: RangesForm,
  blockOffsets: Int32Array,
  groupBlocks: Int32Array,
): number {
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
