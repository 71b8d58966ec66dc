// A plan of ranges or segments as tiles of 32 queries by 32 keys of a set: for each tile of queries those of keys that it
// meets, and for each of keys those of queries. A tile that is not open to all of its pairs has a mask, a bit per pair.

import type { AttentionPlan, RangesForm, SegmentsForm } from "../../plan.ts";
import { queriesPerBlock } from "../../plan.ts";
import type { PlanHost } from "../plan-buffers.ts";

/** Queries and keys of a tile; a row of a mask is one integer. */
export const tileSize = 32;
/** Integers of a tile of queries: row of the first, how many, its position, first key row of the set, its keys, its queries, pairs of the sets before, first and end of the entries. */
export const queryFields = 9;
/** Of a tile of keys: row of the first, how many, its position, first and end of the entries. */
export const keyFields = 5;

/** The tiles of a plan on the device: one buffer of integers. */
export interface PlanTiles {
  readonly buffer: GPUBuffer;
  /** Tiles of queries, which stand first, and of keys, which follow from the integer `keysAt` on. */
  readonly queryTiles: number;
  readonly keyTiles: number;
  readonly keysAt: number;
  /** Pairs of tiles. */
  readonly entries: number;
}

interface QueryTile {
  readonly fields: readonly number[];
  /** First key position and mask of each entry. */
  readonly entries: (readonly [keyStart: number, mask: Int32Array | null])[];
}

interface KeyTile {
  readonly fields: readonly number[];
  readonly entries: (readonly [queryTile: number, mask: Int32Array | null])[];
}

/** Lays out a plan whose form is not that of edges. */
export function layOutTiles(host: PlanHost, plan: AttentionPlan): PlanTiles {
  const { queryTiles, keyTiles } = tilesOf(plan);
  const keysAt = queryFields * queryTiles.length;
  const entriesAt = keysAt + keyFields * keyTiles.length;
  const all = [...queryTiles, ...keyTiles];
  const entries = queryTiles.reduce((sum, tile) => sum + tile.entries.length, 0);
  const masksAt = entriesAt + 4 * entries;
  const masks = new Map<Int32Array, number>();
  for (const { entries: own } of queryTiles) {
    for (const [, mask] of own) if (mask !== null) masks.set(mask, masksAt + tileSize * masks.size);
  }
  const values = new Int32Array(masksAt + tileSize * masks.size);
  let [header, at] = [0, entriesAt];
  all.forEach(({ fields, entries: own }, tile) => {
    const isQuery = tile < queryTiles.length;
    values.set([...fields, at, at + 2 * own.length], header);
    header += isQuery ? queryFields : keyFields;
    for (const [other, mask] of own) {
      values.set([isQuery ? other : queryFields * other, mask === null ? -1 : masks.get(mask)!], at);
      at += 2;
    }
  });
  for (const [mask, place] of masks) values.set(mask, place);
  const buffer = host.buffer(host.store(values));
  return { buffer, queryTiles: queryTiles.length, keyTiles: keyTiles.length, keysAt, entries };
}

function tilesOf({ queryOffsets, keyOffsets, form }: AttentionPlan): {
  readonly queryTiles: readonly QueryTile[];
  readonly keyTiles: readonly KeyTile[];
} {
  if (form.kind === "edges") throw new TypeError("Cannot lay out tiles: a plan of edges has none");
  const [queryTiles, keyTiles]: [QueryTile[], KeyTile[]] = [[], []];
  let [pairs, block] = [0, 0];
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const [firstQuery, firstKey] = [queryOffsets[set]!, keyOffsets[set]!];
    const [queries, keys] = [queryOffsets[set + 1]! - firstQuery, keyOffsets[set + 1]! - firstKey];
    const keysBefore = keyTiles.length;
    for (let key = 0; key < keys; key += tileSize) {
      keyTiles.push({ fields: [firstKey + key, Math.min(tileSize, keys - key), key], entries: [] });
    }
    for (let query = 0; query < queries; query += tileSize) {
      const count = Math.min(tileSize, queries - query);
      const masks =
        form.kind === "ranges"
          ? masksOfRanges(form, firstQuery + query, count, keys)
          : masksOfSegments(form, block + query / queriesPerBlock, count);
      const entries = Array.from(masks, ([tile, mask]) => {
        const kept = isFull(mask, count, keys - tile * tileSize) ? null : mask;
        keyTiles[keysBefore + tile]!.entries.push([queryTiles.length, kept]);
        return [tile * tileSize, kept] as const;
      });
      queryTiles.push({ fields: [firstQuery + query, count, query, firstKey, keys, queries, pairs], entries });
    }
    block += Math.ceil(queries / queriesPerBlock);
    pairs += queries * keys;
  }
  return { queryTiles, keyTiles };
}

/** The tiles of keys, ascending, that rows `first .. first + count` meet, and the bits of each. */
function masksOfRanges(
  { starts, ends }: RangesForm,
  first: number,
  count: number,
  keys: number,
): Map<number, Int32Array> {
  let [low, high] = [keys, 0];
  for (let row = first; row < first + count; row += 1) {
    if (starts[row]! >= ends[row]!) continue;
    low = Math.min(low, starts[row]!);
    high = Math.max(high, ends[row]!);
  }
  const masks = new Map<number, Int32Array>();
  for (let tile = Math.floor(low / tileSize); tile * tileSize < high; tile += 1) {
    const mask = new Int32Array(tileSize);
    for (let i = 0; i < count; i += 1) mask[i] = bitsOf(starts[first + i]!, ends[first + i]!, tile);
    if (mask.some((bits) => bits !== 0)) masks.set(tile, mask);
  }
  return masks;
}

function masksOfSegments(form: SegmentsForm, firstBlock: number, count: number): Map<number, Int32Array> {
  const masks = new Map<number, Int32Array>();
  for (let i = 0; i < count; i += 1) {
    const block = firstBlock + Math.floor(i / queriesPerBlock);
    for (let s = form.blockOffsets[block]!; s < form.blockOffsets[block + 1]!; s += 1) {
      const [start, end] = [form.starts[s]!, form.ends[s]!];
      for (let tile = Math.floor(start / tileSize); tile * tileSize < end; tile += 1) {
        const bits = bitsOf(start, end, tile) & segmentBits(form, s, i % queriesPerBlock, tile);
        let mask = masks.get(tile);
        if (mask === undefined) masks.set(tile, (mask = new Int32Array(tileSize)));
        mask[i]! |= bits;
      }
    }
  }
  const met = Array.from(masks).filter(([, mask]) => mask.some((bits) => bits !== 0));
  return new Map(met.toSorted(([a], [b]) => a - b));
}

/** What a segment permits a row of its block, of the keys of a tile. */
function segmentBits({ starts, ends, masks, bits }: SegmentsForm, s: number, row: number, tile: number): number {
  const first = masks[s]!;
  if (first < 0) return -1;
  let found = 0;
  const from = Math.max(starts[s]!, tile * tileSize);
  const to = Math.min(ends[s]!, (tile + 1) * tileSize);
  for (let key = from; key < to; key += 1) {
    if ((bits[first + key - starts[s]!]! >> row) & 1) found |= 1 << (key - tile * tileSize);
  }
  return found;
}

/** The bits of the positions `start .. end)` that fall into a tile. */
function bitsOf(start: number, end: number, tile: number): number {
  const from = Math.max(0, start - tile * tileSize);
  const to = Math.min(tileSize, end - tile * tileSize);
  return from >= to ? 0 : lowBits(to) & ~lowBits(from);
}

function lowBits(count: number): number {
  return count >= tileSize ? -1 : (1 << Math.max(0, count)) - 1;
}

function isFull(mask: Int32Array, count: number, keysLeft: number): boolean {
  const whole = lowBits(keysLeft);
  return mask.subarray(0, count).every((bits) => (bits & whole) === whole);
}
