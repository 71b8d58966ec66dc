// The tiles of a plan permit the pairs of the plan, seen from queries and from keys.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchesWithPattern } from "../../../test/arbitraries.ts";
import { compilePlan } from "../../compile-plan.ts";
import { dispose } from "../../disposal.ts";
import { offsetsOf } from "../../ragged.ts";
import type { AttentionPattern } from "../../pattern.ts";
import { forEachKey } from "../../plan-walk.ts";
import type { AttentionPlan } from "../../plan.ts";
import type { DType, Tensor } from "../../tensor.ts";
import { keyFields, layOutTiles, queryFields, tileSize } from "./plan-tiles.ts";

interface Tiles {
  readonly values: Int32Array;
  readonly queryTiles: number;
  readonly keyTiles: number;
  readonly keysAt: number;
}

function tilesOf(plan: AttentionPlan): Tiles {
  let values = new Int32Array();
  const store = (stored: Int32Array): Tensor<DType> => {
    values = Int32Array.from(stored);
    return { shape: [stored.length], dtype: "i32", [dispose]() {} };
  };
  const tiles = layOutTiles({ store, buffer: () => ({}) as GPUBuffer }, plan);
  return { ...tiles, values };
}

/** Pairs of query row and key row that a tile of queries, in the integers from `tile` on, has in common with keys from `keyStart` on. */
function pairsOf({ values }: Tiles, tile: number, keyStart: number, mask: number): string[] {
  const [queryRow, count, , keyRow, keys] = values.subarray(tile, tile + queryFields);
  const found: string[] = [];
  for (let r = 0; r < count!; r += 1) {
    for (let c = 0; c < Math.min(tileSize, keys! - keyStart); c += 1) {
      if (mask < 0 || ((values[mask + r]! >> c) & 1) === 1) found.push(`${queryRow! + r} ${keyRow! + keyStart + c}`);
    }
  }
  return found;
}

function pairsByQuery(tiles: Tiles): string[] {
  const { values, queryTiles } = tiles;
  return Array.from({ length: queryTiles }, (_, t) => {
    const tile = queryFields * t;
    const found: string[] = [];
    for (let at = values[tile + 7]!; at < values[tile + 8]!; at += 2)
      found.push(...pairsOf(tiles, tile, values[at]!, values[at + 1]!));
    return found;
  }).flat();
}

function pairsByKey(tiles: Tiles): string[] {
  const { values, keyTiles, keysAt } = tiles;
  return Array.from({ length: keyTiles }, (_, t) => {
    const tile = keysAt + keyFields * t;
    const found: string[] = [];
    for (let at = values[tile + 3]!; at < values[tile + 4]!; at += 2)
      found.push(...pairsOf(tiles, values[at]!, values[tile + 2]!, values[at + 1]!));
    return found;
  }).flat();
}

function expectedPairs(plan: AttentionPlan): string[] {
  const found: string[] = [];
  for (let set = 0; set + 1 < plan.queryOffsets.length; set += 1) {
    for (let row = plan.queryOffsets[set]!; row < plan.queryOffsets[set + 1]!; row += 1)
      forEachKey(plan, row, (key) => found.push(`${row} ${plan.keyOffsets[set]! + key}`));
  }
  return found.toSorted();
}

describe("layOutTiles()", () => {
  it("permits what the plan permits, from both sides, each pair once", () => {
    fc.assert(
      fc.property(batchesWithPattern(80), ({ queries, keys, pattern }) => {
        const plan = compilePlan(queries, keys, pattern);
        fc.pre(plan.form.kind !== "edges");
        const tiles = tilesOf(plan);
        const expected = expectedPairs(plan);
        expect(pairsByQuery(tiles).toSorted()).toEqual(expected);
        expect(pairsByKey(tiles).toSorted()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("has no mask where all pairs of a tile are permitted, and no tile where none is", () => {
    const offsets = offsetsOf([96]);
    const entriesOf = (pattern: AttentionPattern): number[][] => {
      const { values, queryTiles } = tilesOf(compilePlan(offsets, offsets, pattern));
      return Array.from({ length: queryTiles }, (_, t) => {
        const [first, end] = values.subarray(queryFields * t + 7, queryFields * t + 9);
        return Array.from({ length: (end! - first!) / 2 }, (_entry, e) => Math.sign(values[first! + 2 * e + 1]!));
      });
    };
    expect(entriesOf({ kind: "full" })).toEqual([
      [-1, -1, -1],
      [-1, -1, -1],
      [-1, -1, -1],
    ]);
    expect(entriesOf({ kind: "causal" })).toEqual([[1], [-1, 1], [-1, -1, 1]]);
    expect(entriesOf({ kind: "rule", permits: (query, key) => query >= 64 || key < 32 })).toEqual([
      [-1],
      [-1],
      [-1, -1, -1],
    ]);
  });
});
