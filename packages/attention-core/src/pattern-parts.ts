// What a pattern is made of, once its tree is flattened and checked against a batch: the copy that a plan is compiled
// from, out of reach of later writes to the caller's arrays.

import type { AttentionPattern } from "./pattern.ts";
import { checkInt32Array, checkOffsets, kindOf } from "./ragged.ts";

/** How the errors of this file and its neighbours begin. */
export const action = "compile a plan";

/** The sets of queries and keys that a pattern is applied to. */
export interface Batch {
  readonly sets: number;
  readonly queryOffsets: Int32Array;
  readonly keyOffsets: Int32Array;
  readonly densePairs: number;
}

/** Checks and copies the offsets of a batch. */
export function openBatch(queries: Int32Array, keys: Int32Array): Batch {
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

/** The number of rows of set n. */
export function lengthOf(offsets: Int32Array, n: number): number {
  return offsets[n + 1]! - offsets[n]!;
}

/** Keys from `left` before to `right` after a query that is moved by `offset` (default: keys minus queries). */
export interface Window {
  readonly left: number;
  readonly right: number;
  readonly offset: number | undefined;
}

/** Compressed sparse rows, a row per query of all sets. */
export interface Neighbors {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

/** Compressed sparse rows of blocks, with the columns of each row joined. */
export interface Blocks {
  readonly size: number;
  /** The first block row of each set. */
  readonly firstRows: Int32Array;
  /** For each block row the ranges of keys that it permits, as one list: start, end, start, end ... */
  readonly ranges: readonly Ranges[];
}

/** Ascending, disjoint, not touching: start, end, start, end ... */
export type Ranges = readonly number[];

/** The caller's own rule. */
export type Rule = (query: number, key: number, set: number) => boolean;

/** What an intersection is made of; all of it must permit a pair. */
export interface Parts {
  readonly windows: Window[];
  readonly neighbors: Neighbors[];
  readonly blocks: Blocks[];
  readonly rules: Rule[];
}

/** Flattens and checks `pattern`. Throws `TypeError` and `RangeError` as `compilePlan` says. */
export function partsOf(pattern: AttentionPattern, batch: Batch): Parts {
  const parts: Parts = { windows: [], neighbors: [], blocks: [], rules: [] };
  collect(pattern, batch, parts);
  return parts;
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
    throw new RangeError(
      `Cannot ${action}: ${name} must be an integer >= 0, or -1 for no bound; it is ${String(width)}`,
    );
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

/** What a rule says of one pair. Throws `TypeError` unless that is a boolean: a promise would permit everything. */
export function ask(permits: Rule, query: number, key: number, set: number): boolean {
  const answer: unknown = permits(query, key, set);
  if (typeof answer !== "boolean") {
    throw new TypeError(
      `Cannot ${action}: a rule must answer with a boolean, for query ${query} and key ${key} of set ${set} it answered with ${kindOf(answer)}`,
    );
  }
  return answer;
}
