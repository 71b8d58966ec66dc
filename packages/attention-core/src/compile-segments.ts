// Segments: several ranges per block of eight query rows, for blocks and rules.

import { ask, type Batch, lengthOf, type Parts, type Ranges } from "./pattern-parts.ts";
import { queriesPerBlock, type RangesForm, type SegmentsForm } from "./plan.ts";

/**
 * Compiles all parts but neighbours, `ranges` being what the windows permit. Comes to one range per row where no row
 * has more.
 */
export function compileSegments(
  parts: Parts,
  ranges: RangesForm,
  batch: Batch,
): { form: SegmentsForm | RangesForm; pairs: number; longestRow: number } {
  const { sets, queryOffsets, keyOffsets } = batch;
  const rows = queryOffsets[sets]!;
  const single: RangesForm = { kind: "ranges", starts: new Int32Array(rows), ends: new Int32Array(rows) };
  let allSingle = true;
  let pairs = 0;
  let longestRow = 0;
  const writer = createSegmentWriter();
  for (let n = 0; n < sets; n += 1) {
    const first = queryOffsets[n]!;
    const queries = lengthOf(queryOffsets, n);
    const keys = lengthOf(keyOffsets, n);
    for (let block = 0; block < queries; block += queriesPerBlock) {
      const inBlock = Math.min(queriesPerBlock, queries - block);
      const lists: Ranges[] = [];
      const rowBits: number[] = [];
      for (let i = 0; i < inBlock; i += 1) {
        const query = block + i;
        const row = first + query;
        const list = rangesOfRow(parts, ranges.starts[row]!, ranges.ends[row]!, query, keys, n);
        // Rows of one block row share its list itself; asking once for all of them keeps blocks linear.
        if (lists.length > 0 && lists[lists.length - 1] === list) rowBits[rowBits.length - 1]! |= 1 << i;
        else {
          lists.push(list);
          rowBits.push(1 << i);
        }
        const length = lengthOfRanges(list);
        pairs += length;
        longestRow = Math.max(longestRow, length);
        allSingle &&= list.length <= 2;
        single.starts[row] = list[0] ?? ranges.starts[row]!;
        single.ends[row] = list[1] ?? ranges.starts[row]!;
      }
      writer.openBlock((1 << inBlock) - 1);
      sweep(lists, rowBits, writer.add);
      writer.closeBlock();
    }
  }
  return { form: allSingle ? single : writer.finish(), pairs, longestRow };
}

function rangesOfRow(parts: Parts, start: number, end: number, query: number, keys: number, n: number): Ranges {
  let list: Ranges | null = null;
  for (const { size, firstRows, ranges } of parts.blocks) {
    const permitted = ranges[firstRows[n]! + Math.floor(query / size)]!;
    list = list === null && start === 0 && end === keys ? permitted : intersect(list ?? [start, end], permitted);
  }
  list ??= start < end ? [start, end] : [];
  for (const permits of parts.rules) list = filterRanges(list, (key) => ask(permits, query, key, n));
  return list;
}

function intersect(a: Ranges, b: Ranges): Ranges {
  const both: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const start = Math.max(a[i]!, b[j]!);
    const end = Math.min(a[i + 1]!, b[j + 1]!);
    if (start < end) both.push(start, end);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return both;
}

function filterRanges(list: Ranges, permits: (key: number) => boolean): Ranges {
  const kept: number[] = [];
  for (let i = 0; i < list.length; i += 2) {
    for (let key = list[i]!; key < list[i + 1]!; key += 1) {
      if (!permits(key)) continue;
      if (kept[kept.length - 1] === key) kept[kept.length - 1] = key + 1;
      else kept.push(key, key + 1);
    }
  }
  return kept;
}

function lengthOfRanges(list: Ranges): number {
  let length = 0;
  for (let i = 0; i < list.length; i += 2) length += list[i + 1]! - list[i]!;
  return length;
}

/**
 * Walks along the keys and reports each stretch over which the same rows permit, none left out: `rowBits[l]` are the
 * rows that list l belongs to.
 */
function sweep(
  lists: readonly Ranges[],
  rowBits: readonly number[],
  report: (start: number, end: number, rows: number) => void,
): void {
  const places = lists.map(() => 0);
  for (let at = 0; ;) {
    let rows = 0;
    let next = Infinity;
    for (let l = 0; l < lists.length; l += 1) {
      const list = lists[l]!;
      let place = places[l]!;
      while (place < list.length && list[place + 1]! <= at) place += 2;
      places[l] = place;
      if (place === list.length) continue;
      if (list[place]! > at) next = Math.min(next, list[place]!);
      else {
        next = Math.min(next, list[place + 1]!);
        rows |= rowBits[l]!;
      }
    }
    if (next === Infinity) return;
    if (rows !== 0) report(at, next, rows);
    at = next;
  }
}

/** A stretch that all rows permit becomes a segment of its own, without mask, from this many keys on. */
const keysWorthASegment = 32;
/** Masked stretches at most this far apart become one segment: a mask costs less than a segment. */
const keysWorthBridging = 8;

interface SegmentWriter {
  /** Begins the next block; `rows` are the bits of all its rows. */
  openBlock(rows: number): void;
  /** Adds the stretch `start .. end)`, behind the last one, that `rows` permit. */
  readonly add: (start: number, end: number, rows: number) => void;
  closeBlock(): void;
  finish(): SegmentsForm;
}

function createSegmentWriter(): SegmentWriter {
  const blockOffsets = [0];
  const starts: number[] = [];
  const ends: number[] = [];
  const masks: number[] = [];
  let bits = new Uint8Array(1024);
  let used = 0;
  // The open segment: its keys `start .. end)`, their bits from `mask` on, and whether all rows permit all of them.
  let allRows = 0;
  let start = 0;
  let end = 0;
  let mask = 0;
  let plain = true;

  const close = (): void => {
    if (start === end) return;
    starts.push(start);
    ends.push(end);
    masks.push(plain ? -1 : mask);
    if (plain) used = mask;
    start = end;
  };
  const fill = (count: number, rows: number): void => {
    if (used + count > bits.length) {
      const larger = new Uint8Array(Math.max(bits.length * 2, used + count));
      larger.set(bits.subarray(0, used));
      bits = larger;
    }
    bits.fill(rows, used, used + count);
    used += count;
  };
  return {
    openBlock(rows) {
      allRows = rows;
      start = 0;
      end = 0;
    },
    add(from, to, rows) {
      if (rows === allRows && to - from >= keysWorthASegment) {
        close();
        starts.push(from);
        ends.push(to);
        masks.push(-1);
        start = to;
        end = to;
        return;
      }
      if (start === end || from - end > keysWorthBridging) {
        close();
        start = from;
        end = from;
        mask = used;
        plain = true;
      }
      plain &&= rows === allRows && from === end;
      fill(from - end, 0);
      fill(to - from, rows);
      end = to;
    },
    closeBlock() {
      close();
      blockOffsets.push(starts.length);
    },
    finish: () => ({
      kind: "segments",
      blockOffsets: Int32Array.from(blockOffsets),
      starts: Int32Array.from(starts),
      ends: Int32Array.from(ends),
      masks: Int32Array.from(masks),
      bits: bits.slice(0, used),
    }),
  };
}
