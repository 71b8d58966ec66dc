// From a pattern to a plan: which keys each query row will read, found once per batch in time and memory linear in
// the size of the pattern. Windows come to one range per row, neighbours to a list of edges, blocks and rules to
// several ranges per block of rows; an intersection to the narrowest of these that holds it.

import type { AttentionPattern } from "./pattern.ts";
import { type AttentionPlan, type EdgesForm, queriesPerBlock, type RangesForm, type SegmentsForm } from "./plan.ts";
import { checkInt32Array, checkOffsets, kindOf } from "./ragged.ts";

const action = "compile a plan";

/**
 * Compiles `pattern` for a batch of N sets: `queries` and `keys` [N + 1] are the row offsets of the query and key
 * sets, the same array for self-attention. The plan shares no memory with its arguments.
 *
 * Windows compile to ranges; neighbours to edges, in their order, and so does an intersection that holds some (of
 * several, the first one's edges); blocks and rules to segments, or to ranges if every row permits one range only. In
 * an intersection a rule is asked about those pairs alone that all other patterns permit.
 *
 * Throws `TypeError` for arguments of the wrong kind and `RangeError` for offsets that do not start with 0, decrease or
 * hold different numbers of sets, and for patterns that do not fit the batch.
 *
 * @example
 * const offsets = Int32Array.of(0, 3, 5);
 * compilePlan(offsets, offsets, { kind: "causal" }).pairs; // 3 · 4 / 2 + 2 · 3 / 2 = 9
 */
export function compilePlan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan {
  const batch = openBatch(queries, keys);
  const parts: Parts = { windows: [], neighbors: [], blocks: [], rules: [] };
  collect(pattern, batch, parts);
  const ranges = rangesOf(parts.windows, batch);
  const compiled =
    parts.neighbors.length > 0
      ? compileEdges(parts, ranges, batch)
      : parts.blocks.length + parts.rules.length > 0
        ? compileSegments(parts, ranges, batch)
        : { form: ranges, ...countRanges(ranges) };
  return { queryOffsets: batch.queryOffsets, keyOffsets: batch.keyOffsets, densePairs: batch.densePairs, ...compiled };
}

interface Batch {
  readonly sets: number;
  readonly queryOffsets: Int32Array;
  readonly keyOffsets: Int32Array;
  readonly densePairs: number;
}

interface Compiled {
  readonly form: AttentionPlan["form"];
  readonly pairs: number;
  readonly longestRow: number;
}

function openBatch(queries: Int32Array, keys: Int32Array): Batch {
  const queryOffsets = copyOffsets("query offsets", queries);
  const keyOffsets = copyOffsets("key offsets", keys);
  const sets = queryOffsets.length - 1;
  if (keyOffsets.length - 1 !== sets) {
    throw new RangeError(
      `Cannot ${action}: queries and keys must have the same number of sets, they have ${sets} and ${keyOffsets.length - 1}`,
    );
  }
  let densePairs = 0;
  for (let n = 0; n < sets; n += 1) densePairs += lengthOf(queryOffsets, n) * lengthOf(keyOffsets, n);
  return { sets, queryOffsets, keyOffsets, densePairs };
}

/** The copy is what is checked, so that a later or concurrent write to the original cannot undo the check. */
function copyOffsets(name: string, offsets: Int32Array): Int32Array {
  checkInt32Array(action, name, offsets);
  const copy = offsets.slice();
  checkOffsets(action, name, copy);
  return copy;
}

function lengthOf(offsets: Int32Array, n: number): number {
  return offsets[n + 1]! - offsets[n]!;
}

// The leaves of a pattern.

interface Window {
  readonly left: number;
  readonly right: number;
  readonly offset: number | undefined;
}

interface Neighbors {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

interface Blocks {
  readonly size: number;
  /** The first block row of each set. */
  readonly firstRows: Int32Array;
  /** For each block row the ranges of keys that it permits, as one list: start, end, start, end ... */
  readonly ranges: readonly Ranges[];
}

/** Ascending, disjoint, not touching: start, end, start, end ... */
type Ranges = readonly number[];

type Rule = (query: number, key: number, set: number) => boolean;

/** What an intersection is made of; all of it must permit a pair. */
interface Parts {
  readonly windows: Window[];
  readonly neighbors: Neighbors[];
  readonly blocks: Blocks[];
  readonly rules: Rule[];
}

function collect(pattern: AttentionPattern, batch: Batch, parts: Parts): void {
  if (kindOf(pattern) !== "Object") {
    throw new TypeError(`Cannot ${action}: a pattern must be an object with a kind, it is ${kindOf(pattern)}`);
  }
  switch (pattern.kind) {
    case "full":
      return;
    case "causal":
      parts.windows.push(checkWindow("causal", -1, 0, pattern.offset));
      return;
    case "window":
      parts.windows.push(checkWindow("window", pattern.left, pattern.right, pattern.offset));
      return;
    case "neighbors":
      parts.neighbors.push(checkNeighbors(pattern.offsets, pattern.indices, batch));
      return;
    case "blocks":
      parts.blocks.push(checkBlocks(pattern.size, pattern.offsets, pattern.indices, batch));
      return;
    case "rule":
      if (typeof pattern.permits !== "function") {
        throw new TypeError(`Cannot ${action}: rule permits must be a function, it is ${kindOf(pattern.permits)}`);
      }
      parts.rules.push(pattern.permits);
      return;
    case "all":
      if (!Array.isArray(pattern.of)) {
        throw new TypeError(`Cannot ${action}: all of must be an array of patterns, it is ${kindOf(pattern.of)}`);
      }
      for (const part of pattern.of) collect(part, batch, parts);
      return;
    default: {
      const { kind } = pattern satisfies never as { readonly kind: unknown };
      throw new RangeError(
        `Cannot ${action}: pattern kind must be full, causal, window, neighbors, blocks, rule or all, it is "${String(kind)}"`,
      );
    }
  }
}

function checkWindow(name: string, left: number, right: number, offset: number | undefined): Window {
  checkWidth(`${name} left`, left);
  checkWidth(`${name} right`, right);
  if (offset !== undefined && !Number.isSafeInteger(offset)) {
    throw new RangeError(`Cannot ${action}: ${name} offset must be an integer, it is ${String(offset)}`);
  }
  return { left: left === -1 ? Infinity : left, right: right === -1 ? Infinity : right, offset };
}

function checkWidth(name: string, width: number): void {
  if (!Number.isSafeInteger(width) || width < -1) {
    throw new RangeError(`Cannot ${action}: ${name} must be an integer >= 0, or -1 for no bound; it is ${String(width)}`);
  }
}

function checkNeighbors(offsets: Int32Array, indices: Int32Array, batch: Batch): Neighbors {
  const rows = batch.queryOffsets[batch.sets]!;
  const graph = copyGraph("neighbors", offsets, indices, rows, "query row");
  for (let n = 0; n < batch.sets; n += 1) {
    const keys = lengthOf(batch.keyOffsets, n);
    const first = graph.offsets[batch.queryOffsets[n]!]!;
    const last = graph.offsets[batch.queryOffsets[n + 1]!]!;
    for (let edge = first; edge < last; edge += 1) {
      const key = graph.indices[edge]!;
      if (key < 0 || key >= keys) {
        throw new RangeError(
          `Cannot ${action}: neighbors indices must be key positions of their set, in set ${n} 0 .. ${keys - 1}; edge ${edge} has ${key}`,
        );
      }
    }
  }
  return graph;
}

function checkBlocks(size: number, offsets: Int32Array, indices: Int32Array, batch: Batch): Blocks {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`Cannot ${action}: blocks size must be an integer >= 1, it is ${String(size)}`);
  }
  const firstRows = new Int32Array(batch.sets + 1);
  for (let n = 0; n < batch.sets; n += 1) {
    firstRows[n + 1] = firstRows[n]! + Math.ceil(lengthOf(batch.queryOffsets, n) / size);
  }
  const graph = copyGraph("blocks", offsets, indices, firstRows[batch.sets]!, "block row");
  const ranges: Ranges[] = [];
  for (let n = 0; n < batch.sets; n += 1) {
    const keys = lengthOf(batch.keyOffsets, n);
    const columns = Math.ceil(keys / size);
    for (let row = firstRows[n]!; row < firstRows[n + 1]!; row += 1) {
      const permitted = graph.indices.subarray(graph.offsets[row]!, graph.offsets[row + 1]!).sort();
      for (const column of permitted) {
        if (column < 0 || column >= columns) {
          throw new RangeError(
            `Cannot ${action}: blocks indices must be block columns of their set, in set ${n} 0 .. ${columns - 1}; block row ${row} has ${column}`,
          );
        }
      }
      ranges.push(joinColumns(permitted, size, keys));
    }
  }
  return { size, firstRows, ranges };
}

/** Sorted block columns as ranges of keys, neighbouring ones as one. */
function joinColumns(columns: Int32Array, size: number, keys: number): Ranges {
  const ranges: number[] = [];
  for (const column of columns) {
    const start = column * size;
    const end = Math.min(start + size, keys);
    if (ranges.length > 0 && ranges[ranges.length - 1]! >= start) ranges[ranges.length - 1] = end;
    else ranges.push(start, end);
  }
  return ranges;
}

/** Copies compressed sparse rows and checks all but the range of the indices. */
function copyGraph(name: string, offsets: Int32Array, indices: Int32Array, rows: number, row: string): Neighbors {
  const ownOffsets = copyOffsets(`${name} offsets`, offsets);
  checkInt32Array(action, `${name} indices`, indices);
  const ownIndices = indices.slice();
  if (ownOffsets.length !== rows + 1) {
    throw new RangeError(
      `Cannot ${action}: ${name} offsets must have one entry per ${row} and one more, ${rows + 1}; there are ${ownOffsets.length}`,
    );
  }
  if (ownOffsets[rows] !== ownIndices.length) {
    throw new RangeError(
      `Cannot ${action}: ${name} offsets must end with the number of indices, ${ownIndices.length}; they end with ${ownOffsets[rows]}`,
    );
  }
  return { offsets: ownOffsets, indices: ownIndices };
}

// Ranges: one per query row.

/** The intersection of all windows; without any, every key of the set. */
function rangesOf(windows: readonly Window[], batch: Batch): RangesForm {
  const { sets, queryOffsets, keyOffsets } = batch;
  const starts = new Int32Array(queryOffsets[sets]!);
  const ends = new Int32Array(queryOffsets[sets]!);
  for (let n = 0; n < sets; n += 1) {
    const first = queryOffsets[n]!;
    const queries = lengthOf(queryOffsets, n);
    const keys = lengthOf(keyOffsets, n);
    for (let query = 0; query < queries; query += 1) {
      let start = 0;
      let end = keys;
      for (const { left, right, offset = keys - queries } of windows) {
        const aligned = query + offset;
        start = Math.max(start, Math.min(aligned - left, keys));
        end = Math.min(end, aligned + right + 1);
      }
      starts[first + query] = start;
      ends[first + query] = Math.max(start, end);
    }
  }
  return { kind: "ranges", starts, ends };
}

function countRanges({ starts, ends }: RangesForm): { readonly pairs: number; readonly longestRow: number } {
  let pairs = 0;
  let longestRow = 0;
  for (let row = 0; row < starts.length; row += 1) {
    const length = ends[row]! - starts[row]!;
    pairs += length;
    longestRow = Math.max(longestRow, length);
  }
  return { pairs, longestRow };
}

// Edges: those of the first neighbours pattern that everything else permits.

/** What one part of an intersection says of the keys of a query row: `openRow` first, then `permits` for any keys. */
interface KeyTest {
  openRow(row: number, query: number, set: number): void;
  permits(key: number): boolean;
}

function compileEdges(parts: Parts, ranges: RangesForm, batch: Batch): Compiled {
  const { sets, queryOffsets, keyOffsets } = batch;
  const [graph, ...others] = parts.neighbors as [Neighbors, ...Neighbors[]];
  const edgeCount = graph.indices.length;
  if (others.length + parts.windows.length + parts.blocks.length + parts.rules.length === 0) {
    const form: EdgesForm = { kind: "edges", ...graph, edges: null, edgeCount };
    return { form, pairs: edgeCount, longestRow: longest(graph.offsets) };
  }
  const tests: KeyTest[] = [
    rangesTest(ranges),
    ...others.map((other) => neighborsTest(other, longest(keyOffsets))),
    ...parts.blocks.map((blocks) => blocksTest(blocks, longest(keyOffsets))),
    ...parts.rules.map(ruleTest),
  ];
  const offsets = new Int32Array(graph.offsets.length);
  const indices = new Int32Array(edgeCount);
  const edges = new Int32Array(edgeCount);
  let kept = 0;
  for (let n = 0; n < sets; n += 1) {
    for (let row = queryOffsets[n]!; row < queryOffsets[n + 1]!; row += 1) {
      for (const test of tests) test.openRow(row, row - queryOffsets[n]!, n);
      for (let edge = graph.offsets[row]!; edge < graph.offsets[row + 1]!; edge += 1) {
        const key = graph.indices[edge]!;
        if (!allPermit(tests, key)) continue;
        indices[kept] = key;
        edges[kept] = edge;
        kept += 1;
      }
      offsets[row + 1] = kept;
    }
  }
  const form: EdgesForm =
    kept === edgeCount
      ? { kind: "edges", offsets, indices, edges: null, edgeCount }
      : { kind: "edges", offsets, indices: indices.slice(0, kept), edges: edges.slice(0, kept), edgeCount };
  return { form, pairs: kept, longestRow: longest(offsets) };
}

function longest(offsets: Int32Array): number {
  let most = 0;
  for (let n = 0; n < offsets.length - 1; n += 1) most = Math.max(most, lengthOf(offsets, n));
  return most;
}

function allPermit(tests: readonly KeyTest[], key: number): boolean {
  for (const test of tests) if (!test.permits(key)) return false;
  return true;
}

function rangesTest({ starts, ends }: RangesForm): KeyTest {
  let start = 0;
  let end = 0;
  return {
    openRow(row) {
      start = starts[row]!;
      end = ends[row]!;
    },
    permits: (key) => key >= start && key < end,
  };
}

function neighborsTest({ offsets, indices }: Neighbors, keys: number): KeyTest {
  // A mark is the row that set it, counted from 1, so that marks of earlier rows need no clearing. So below.
  const marks = new Int32Array(keys);
  let mark = 0;
  return {
    openRow(row) {
      mark = row + 1;
      for (let e = offsets[row]!; e < offsets[row + 1]!; e += 1) marks[indices[e]!] = mark;
    },
    permits: (key) => marks[key] === mark,
  };
}

function blocksTest({ size, firstRows, ranges }: Blocks, keys: number): KeyTest {
  const marks = new Int32Array(Math.ceil(keys / size));
  let mark = 0;
  return {
    openRow(_row, query, set) {
      const blockRow = firstRows[set]! + Math.floor(query / size);
      if (mark === blockRow + 1) return;
      mark = blockRow + 1;
      const permitted = ranges[blockRow]!;
      for (let i = 0; i < permitted.length; i += 2) {
        marks.fill(mark, Math.floor(permitted[i]! / size), Math.ceil(permitted[i + 1]! / size));
      }
    },
    permits: (key) => marks[Math.floor(key / size)] === mark,
  };
}

function ruleTest(permits: Rule): KeyTest {
  let ofQuery = 0;
  let ofSet = 0;
  return {
    openRow(_row, query, set) {
      ofQuery = query;
      ofSet = set;
    },
    permits: (key) => ask(permits, ofQuery, key, ofSet),
  };
}

function ask(permits: Rule, query: number, key: number, set: number): boolean {
  const answer: unknown = permits(query, key, set);
  if (typeof answer !== "boolean") {
    throw new TypeError(
      `Cannot ${action}: a rule must answer with a boolean, for query ${query} and key ${key} of set ${set} it answered with ${kindOf(answer)}`,
    );
  }
  return answer;
}

// Segments: several ranges per block of rows.

function compileSegments(parts: Parts, ranges: RangesForm, batch: Batch): Compiled {
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
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
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
function sweep(lists: readonly Ranges[], rowBits: readonly number[], report: (start: number, end: number, rows: number) => void): void {
  const places = lists.map(() => 0);
  for (let at = 0; ; ) {
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
