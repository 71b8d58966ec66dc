// A plan of ranges or segments as tiles of queries, each with the keys that it goes through: those that none of its queries
// may attend to are skipped, and where all may attend to all, nothing is asked of a pair.

import { type AttentionPlan, queriesPerBlock, type RangesForm, type SegmentsForm } from "../plan.ts";

/** Queries of a tile, and of one where a set has few or few are left; and the keys that a tile takes at a time. */
export interface TileSizes {
  readonly queries: number;
  readonly fewQueries: number;
  readonly keys: number;
}

/** Integers of a tile: first query row, queries, position of the first, queries and keys of the set, its first key row, pairs of the sets before, first and end of the runs. */
export const tileFields = 9;
/** Integers of a run of keys: first position, a multiple of the keys at a time; end; and what is permitted. */
export const runFields = 3;
/** What a run permits: everything; of each row its range; else, counted from 0, where the masks begin. */
export const everything = -1;
export const rangeOfRow = -2;

/** Tiles one after another that cost about the same. */
export interface TileGroup {
  /** Whether they are those of `fewQueries`. */
  readonly few: boolean;
  readonly first: number;
  readonly count: number;
  /** Keys that the costliest of them goes through. */
  readonly keys: number;
}

/**
 * Tiles and what they need as one array of integers: tiles, the costliest of a size first, then runs, then masks. The mask
 * of `keys` keys has a byte for each block of eight queries and key, in it a bit for each query.
 */
export interface QueryTiles {
  readonly values: Int32Array;
  readonly groups: readonly TileGroup[];
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly permits: number;
}

interface Tile {
  readonly few: boolean;
  readonly fields: readonly number[];
  readonly runs: readonly Run[];
  readonly keys: number;
}

/** Cuts a plan into tiles. Its form must not be edges. */
export function cutQueryTiles(plan: AttentionPlan, sizes: TileSizes): QueryTiles {
  const { form, queryOffsets, keyOffsets } = plan;
  const tiles: Tile[] = [];
  const masks: Uint8Array[] = [];
  let [pairs, block] = [0, 0];
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const firstRow = queryOffsets[set]!;
    const queries = queryOffsets[set + 1]! - firstRow;
    const keys = keyOffsets[set + 1]! - keyOffsets[set]!;
    for (let query = 0; query < queries;) {
      const few = queries - query <= sizes.queries / 2;
      const rows = Math.min(queries - query, few ? sizes.fewQueries : sizes.queries);
      const fields = [firstRow + query, rows, query, queries, keys, keyOffsets[set]!, pairs];
      const runs =
        form.kind === "segments"
          ? runsOfSegments(form, block + query / queriesPerBlock, rows, keys, sizes, few, masks)
          : form.kind === "ranges"
            ? runsOfRanges(form, firstRow + query, rows, sizes.keys)
            : [];
      tiles.push({ few, fields, runs, keys: runs.reduce((sum, { start, end }) => sum + end - start, 0) });
      query += rows;
    }
    pairs += queries * keys;
    block += Math.ceil(queries / queriesPerBlock);
  }
  tiles.sort((a, b) => Number(a.few) - Number(b.few) || b.keys - a.keys);
  return { values: layOut(tiles, masks), groups: groupsOf(tiles) };
}

/** Runs of whole key tiles that some row's range meets; between the largest start and the smallest end all is open. */
function runsOfRanges({ starts, ends }: RangesForm, firstRow: number, rows: number, size: number): Run[] {
  const spans: [start: number, end: number][] = [];
  let [openFrom, openTo] = [0, Infinity];
  for (let row = firstRow; row < firstRow + rows; row += 1) {
    const [start, end] = [starts[row]!, ends[row]!];
    openFrom = Math.max(openFrom, start);
    openTo = Math.min(openTo, end);
    if (start < end) spans.push([Math.floor(start / size) * size, Math.ceil(end / size) * size]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  const merged: [start: number, end: number][] = [];
  for (const [start, end] of spans) {
    const last = merged.at(-1);
    if (last === undefined || start > last[1]) merged.push([start, end]);
    else last[1] = Math.max(last[1], end);
  }
  openFrom = Math.ceil(openFrom / size) * size;
  openTo = Math.floor(openTo / size) * size;
  return merged.flatMap(([start, end]) =>
    openFrom < openTo && start <= openFrom && openTo <= end
      ? [
          { start, end: openFrom, permits: rangeOfRow },
          { start: openFrom, end: openTo, permits: everything },
          { start: openTo, end, permits: rangeOfRow },
        ].filter((run) => run.start < run.end)
      : [{ start, end, permits: rangeOfRow }],
  );
}

/** Runs of the key tiles that a segment of one of the tile's blocks meets; where not all is open, with a mask each. */
function runsOfSegments(
  form: SegmentsForm,
  firstBlock: number,
  rows: number,
  keys: number,
  { queries, fewQueries, keys: size }: TileSizes,
  few: boolean,
  masks: Uint8Array[],
): Run[] {
  const blocks = Math.ceil(rows / queriesPerBlock);
  const maskBytes = ((few ? fewQueries : queries) / queriesPerBlock) * size;
  const count = Math.ceil(keys / size);
  // Blocks that permit all of a key tile; -1 where none permits any of it.
  const open = new Int32Array(count).fill(-1);
  const eachSegment = (visit: (block: number, start: number, end: number, mask: number) => void): void => {
    for (let block = 0; block < blocks; block += 1) {
      for (let s = form.blockOffsets[firstBlock + block]!; s < form.blockOffsets[firstBlock + block + 1]!; s += 1)
        visit(block, form.starts[s]!, form.ends[s]!, form.masks[s]!);
    }
  };
  eachSegment((_, start, end, mask) => {
    for (let t = Math.floor(start / size); t * size < end; t += 1) {
      const isWhole = mask === -1 && start <= t * size && (t + 1) * size <= end;
      open[t] = Math.max(0, open[t]!) + (isWhole ? 1 : 0);
    }
  });
  const maskOf = new Map<number, number>();
  for (let t = 0; t < count; t += 1) {
    if (open[t]! < 0 || open[t] === blocks) continue;
    maskOf.set(t, masks.length);
    masks.push(new Uint8Array(maskBytes));
  }
  if (maskOf.size > 0) {
    eachSegment((block, start, end, mask) => {
      for (let key = start; key < end; key += 1) {
        const t = Math.floor(key / size);
        const place = maskOf.get(t);
        if (place === undefined) continue;
        masks[place]![block * size + key - t * size] = mask === -1 ? 0xff : form.bits[mask + key - start]!;
      }
    });
  }
  const runs: { start: number; end: number; permits: number }[] = [];
  for (let t = 0; t < count; t += 1) {
    if (open[t]! < 0) continue;
    const permits = maskOf.get(t) ?? everything;
    const last = runs.at(-1);
    // Masks of tiles side by side stand side by side.
    if (last !== undefined && last.end === t * size && last.permits < 0 === permits < 0) last.end += size;
    else runs.push({ start: t * size, end: (t + 1) * size, permits });
  }
  return runs;
}

function layOut(tiles: readonly Tile[], masks: readonly Uint8Array[]): Int32Array {
  const runsAt = tileFields * tiles.length;
  const masksAt = runsAt + runFields * tiles.reduce((sum, { runs }) => sum + runs.length, 0);
  const places: number[] = [];
  let end = masksAt;
  for (const mask of masks) {
    places.push(end);
    end += mask.length / 4;
  }
  const values = new Int32Array(end);
  let run = runsAt;
  tiles.forEach(({ fields, runs }, i) => {
    values.set([...fields, run, run + runFields * runs.length], tileFields * i);
    for (const { start, end: to, permits } of runs) {
      values.set([start, to, permits < 0 ? permits : places[permits]!], run);
      run += runFields;
    }
  });
  masks.forEach((mask, i) => values.set(wordsOf(mask), places[i]!));
  return values;
}

/** Four bytes to an integer, the first lowest. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}

/** A group ends where a tile goes through less than a quarter of the keys of its first. */
function groupsOf(tiles: readonly Tile[]): TileGroup[] {
  const groups: { few: boolean; first: number; count: number; keys: number }[] = [];
  tiles.forEach(({ few, keys }, i) => {
    const last = groups.at(-1);
    if (last !== undefined && last.few === few && 4 * keys >= last.keys) last.count += 1;
    else groups.push({ few, first: i, count: 1, keys });
  });
  return groups;
}
