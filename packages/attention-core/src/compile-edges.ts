// Edges: those of the first neighbours pattern of an intersection that everything else in it permits.

import { ask, type Batch, type Blocks, lengthOf, type Neighbors, type Parts, type Rule } from "./pattern-parts.ts";
import type { EdgesForm, RangesForm } from "./plan.ts";

/** What one part of an intersection says of the keys of a query row: `openRow` first, then `permits` for any keys. */
interface KeyTest {
  openRow(row: number, query: number, set: number): void;
  permits(key: number): boolean;
}

/** Filters the edges, in their order; `ranges` is what the windows permit. */
export function compileEdges(
  parts: Parts,
  ranges: RangesForm,
  batch: Batch,
): { form: EdgesForm; pairs: number; longestRow: number } {
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
