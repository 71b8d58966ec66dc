// Patterns, materialized: for every query row the list of keys that it may attend to. Deliberately the plainest
// reading of the contract, pair by pair, and not by the plan compiler of the core.

import type { AttentionPattern } from "@saccade/attention-core";

/** A key that a query row may attend to; `edge` is its place in a neighbours pattern, -1 in any other. */
export interface Permitted {
  readonly key: number;
  readonly edge: number;
}

type Neighbors = Extract<AttentionPattern, { kind: "neighbors" }>;

/**
 * The keys that `pattern` permits to each query row of all sets, in ascending order, or in the order of the edges
 * for a neighbours pattern, where a repeated edge stands twice. `queries` and `keys` are row offsets [N + 1].
 */
export function permittedKeys(pattern: AttentionPattern, queries: Int32Array, keys: Int32Array): Permitted[][] {
  const neighbors = neighborsOf(pattern);
  const rows: Permitted[][] = [];
  for (let set = 0; set + 1 < queries.length; set++) {
    const queryCount = queries[set + 1]! - queries[set]!;
    const keyCount = keys[set + 1]! - keys[set]!;
    for (let query = 0; query < queryCount; query++) {
      const row = queries[set]! + query;
      const candidates: Permitted[] = [];
      if (neighbors === undefined) {
        for (let key = 0; key < keyCount; key++) candidates.push({ key, edge: -1 });
      } else {
        for (let edge = neighbors.offsets[row]!; edge < neighbors.offsets[row + 1]!; edge++) {
          candidates.push({ key: neighbors.indices[edge]!, edge });
        }
      }
      rows.push(
        candidates.filter(({ key }) => permits(pattern, { row, set, query, key, queryCount, keyCount, queries })),
      );
    }
  }
  return rows;
}

interface Pair {
  readonly row: number;
  readonly set: number;
  readonly query: number;
  readonly key: number;
  readonly queryCount: number;
  readonly keyCount: number;
  readonly queries: Int32Array;
}

function permits(pattern: AttentionPattern, pair: Pair): boolean {
  const { query, key } = pair;
  switch (pattern.kind) {
    case "full":
      return true;
    case "causal":
      return key <= query + (pattern.offset ?? pair.keyCount - pair.queryCount);
    case "window": {
      const aligned = query + (pattern.offset ?? pair.keyCount - pair.queryCount);
      const farLeft = pattern.left !== -1 && key < aligned - pattern.left;
      const farRight = pattern.right !== -1 && key > aligned + pattern.right;
      return !farLeft && !farRight;
    }
    case "neighbors":
      return pattern.indices.subarray(pattern.offsets[pair.row]!, pattern.offsets[pair.row + 1]!).includes(key);
    case "blocks": {
      let blockRow = Math.floor(query / pattern.size);
      for (let set = 0; set < pair.set; set++) {
        blockRow += Math.ceil((pair.queries[set + 1]! - pair.queries[set]!) / pattern.size);
      }
      const column = Math.floor(key / pattern.size);
      return pattern.indices.subarray(pattern.offsets[blockRow]!, pattern.offsets[blockRow + 1]!).includes(column);
    }
    case "rule":
      return pattern.permits(query, key, pair.set);
    case "all":
      return pattern.of.every((part) => permits(part, pair));
  }
}

/** The one neighbours pattern within `pattern`, which then names the edges. */
export function neighborsOf(pattern: AttentionPattern): Neighbors | undefined {
  if (pattern.kind === "neighbors") return pattern;
  if (pattern.kind !== "all") return undefined;
  return pattern.of.map(neighborsOf).find((part) => part !== undefined);
}
