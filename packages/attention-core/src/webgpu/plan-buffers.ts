// A plan as the kernels read it: one buffer of integers, a record for each query row and then what its form needs.

import type { AttentionPlan } from "../plan.ts";
import { queriesPerBlock } from "../plan.ts";
import type { DType, Tensor } from "../tensor.ts";
import { type BinSizes, binFields, cutNeighborBins, hubFields, partFields } from "./neighbor-bins.ts";
import { cutQueryTiles, type TileGroup, type TileSizes } from "./query-tiles.ts";

/** Integers of the record of a query row. */
export const rowFields = 8;

/** The forms of a plan. */
export type PlanKind = AttentionPlan["form"]["kind"];

/** Where a plan stands on the device, and where its parts begin in the buffer, in integers. */
export interface PlanBuffers {
  readonly kind: PlanKind;
  readonly buffer: GPUBuffer;
  /** Of edges: key positions of edges, and their places in the pattern. Of segments: three integers each, and their bits. */
  readonly first: number;
  readonly second: number;
  /** For each key row the first query row of its set, the queries, its position; for edges its incoming ones. Made when asked for. */
  incoming(): GPUBuffer;
  /** The most queries that may attend to a key, or more. */
  longestColumn(): number;
  /** The plan cut into tiles, see `cutQueryTiles`. Made when asked for. */
  tiles(sizes: TileSizes): PlacedTiles;
  /** The plan's edges in bins, see `cutNeighborBins`. Made when asked for. */
  bins(sizes: BinSizes): PlacedBins;
}

/** Tiles that are on the device. */
export interface PlacedTiles {
  readonly buffer: GPUBuffer;
  readonly groups: readonly TileGroup[];
}

/** The integers of a plan with bins, hubs and parts behind them in the same buffer: where each begin, and how many they are. */
export interface PlacedBins {
  readonly buffer: GPUBuffer;
  readonly binsAt: number;
  readonly bins: number;
  readonly hubsAt: number;
  readonly hubs: number;
  readonly partsAt: number;
  readonly parts: number;
}

/** Who stores integers on the device. */
export interface PlanHost {
  store(values: Int32Array): Tensor<DType>;
  buffer(x: Tensor<DType>): GPUBuffer;
}

/**
 * Lays out a plan. A record: first key row of the set, its keys, the query's position, the key position that it is aligned
 * with, first and end of its keys (positions, edges or segments), pairs of the sets before, and queries of the set.
 */
export function layOutPlan(host: PlanHost, plan: AttentionPlan): PlanBuffers {
  const { form, queryOffsets } = plan;
  const P = queryOffsets.at(-1)!;
  const rows = recordsOf(plan);
  const parts: Int32Array[] = [rows];
  let second = rows.length;
  if (form.kind === "edges") {
    parts.push(form.indices, form.edges ?? Int32Array.from(form.indices, (_, e) => e));
    second += form.indices.length;
  } else if (form.kind === "segments") {
    const segments = new Int32Array(3 * form.starts.length);
    form.starts.forEach((start, s) => segments.set([start, form.ends[s]!, form.masks[s]!], 3 * s));
    parts.push(segments, Int32Array.from(form.bits));
    second += segments.length;
  }
  const buffer = host.buffer(host.store(joined(parts)));
  let incoming: GPUBuffer | undefined;
  const tiles = new Map<string, PlacedTiles>();
  const bins = new Map<string, PlacedBins>();
  return {
    kind: form.kind,
    buffer,
    first: rows.length,
    second,
    longestColumn: () => longestColumnOf(plan),
    incoming: () => (incoming ??= host.buffer(host.store(incomingOf(plan, P)))),
    tiles: (sizes) => madeOnce(tiles, sizes, () => placeTiles(host, plan, sizes)),
    bins: (sizes) => madeOnce(bins, sizes, () => placeBins(host, parts, plan, sizes)),
  };
}

function madeOnce<T>(made: Map<string, T>, sizes: object, make: () => T): T {
  const key = Object.values(sizes).join(" ");
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}

function placeTiles(host: PlanHost, plan: AttentionPlan, sizes: TileSizes): PlacedTiles {
  const { values, groups } = cutQueryTiles(plan, sizes);
  return { buffer: host.buffer(host.store(values)), groups };
}

function placeBins(host: PlanHost, before: readonly Int32Array[], plan: AttentionPlan, sizes: BinSizes): PlacedBins {
  const { bins, hubs, parts } = cutNeighborBins(plan, sizes);
  const binsAt = before.reduce((sum, { length }) => sum + length, 0);
  const hubsAt = binsAt + bins.length;
  return {
    buffer: host.buffer(host.store(joined([...before, bins, hubs, parts]))),
    binsAt,
    bins: bins.length / binFields,
    hubsAt,
    hubs: hubs.length / hubFields,
    partsAt: hubsAt + hubs.length,
    parts: parts.length / partFields,
  };
}

function recordsOf({ form, queryOffsets, keyOffsets }: AttentionPlan): Int32Array {
  const rows = new Int32Array(rowFields * queryOffsets.at(-1)!);
  let [block, pairs] = [0, 0];
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const queries = queryOffsets[set + 1]! - queryOffsets[set]!;
    const keys = keyOffsets[set + 1]! - keyOffsets[set]!;
    for (let query = 0; query < queries; query += 1) {
      const row = queryOffsets[set]! + query;
      const ofBlock = block + Math.floor(query / queriesPerBlock);
      const [first, end] =
        form.kind === "ranges"
          ? [form.starts[row]!, form.ends[row]!]
          : form.kind === "edges"
            ? [form.offsets[row]!, form.offsets[row + 1]!]
            : [form.blockOffsets[ofBlock]!, form.blockOffsets[ofBlock + 1]!];
      const record = [
        keyOffsets[set]!,
        keys,
        query,
        query + keys - queries,
        first,
        Math.max(first, end),
        pairs,
        queries,
      ];
      rows.set(record, rowFields * row);
    }
    block += Math.ceil(queries / queriesPerBlock);
    pairs += queries * keys;
  }
  return rows;
}

/** For each key row: first query row of its set, queries, position, and first and end of its incoming edges; then those: query row and edge. */
function incomingOf({ form, queryOffsets, keyOffsets }: AttentionPlan, P: number): Int32Array {
  const keyRows = keyOffsets.at(-1)!;
  const edges = form.kind === "edges" ? form.indices.length : 0;
  const table = new Int32Array(5 * keyRows + 2 * edges);
  for (let set = 0; set + 1 < keyOffsets.length; set += 1) {
    const queries = queryOffsets[set + 1]! - queryOffsets[set]!;
    for (let row = keyOffsets[set]!; row < keyOffsets[set + 1]!; row += 1) {
      table.set([queryOffsets[set]!, queries, row - keyOffsets[set]!, 0, 0], 5 * row);
    }
  }
  if (form.kind !== "edges") return table;
  // By counting: how many, then where each list begins, then the lists, whose end moves along.
  const { offsets, indices } = form;
  const keyRowOf = keyRowsOfEdges(offsets, indices, queryOffsets, keyOffsets);
  for (const row of keyRowOf) table[5 * row + 4]! += 2;
  let at = 5 * keyRows;
  for (let row = 0; row < keyRows; row += 1) {
    const length = table[5 * row + 4]!;
    table[5 * row + 3] = at;
    table[5 * row + 4] = at;
    at += length;
  }
  for (let row = 0; row < P; row += 1) {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e += 1) {
      const end = 5 * keyRowOf[e]! + 4;
      table.set([row, e], table[end]!);
      table[end]! += 2;
    }
  }
  return table;
}

/** The key row of each edge. */
function keyRowsOfEdges(
  offsets: Int32Array,
  indices: Int32Array,
  queryOffsets: Int32Array,
  keyOffsets: Int32Array,
): Int32Array {
  const rows = new Int32Array(indices.length);
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const end = offsets[queryOffsets[set + 1]!]!;
    for (let e = offsets[queryOffsets[set]!]!; e < end; e += 1) rows[e] = keyOffsets[set]! + indices[e]!;
  }
  return rows;
}

function longestColumnOf({ form, queryOffsets, keyOffsets }: AttentionPlan): number {
  let longest = 0;
  if (form.kind === "edges") {
    const counts = new Int32Array(keyOffsets.at(-1)!);
    for (const row of keyRowsOfEdges(form.offsets, form.indices, queryOffsets, keyOffsets)) {
      longest = Math.max(longest, (counts[row]! += 1));
    }
    return longest;
  }
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    longest = Math.max(longest, queryOffsets[set + 1]! - queryOffsets[set]!);
  }
  return longest;
}

/**
 * How edges of a row that name the same key hang together, an integer each: -1 for a key that is named once; of several
 * edges the first has the number of the next, the last -2, those between -3 less the number of the next. Null where no
 * row names a key twice.
 */
export function repeatsOf({ form }: AttentionPlan): Int32Array | null {
  if (form.kind !== "edges") return null;
  const { offsets, indices } = form;
  const next = new Int32Array(indices.length).fill(noMore);
  let found = false;
  for (let row = 0; row + 1 < offsets.length; row += 1) {
    const last = new Map<number, number>();
    for (let e = offsets[row]!; e < offsets[row + 1]!; e += 1) {
      const before = last.get(indices[e]!);
      last.set(indices[e]!, e);
      if (before === undefined) continue;
      found = true;
      // The chain leads on from the one before, whose own mark says whether it is the first.
      next[before] = next[before] === noMore ? e : -3 - e;
      next[e] = repeatedLast;
    }
  }
  return found ? next : null;
}

const noMore = -1;
const repeatedLast = -2;

/** One after another. */
export function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
