import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlan } from "../compile-plan.ts";
import type { AttentionPattern } from "../pattern.ts";
import { permittedPairs } from "../plan-walk.ts";
import type { AttentionPlan } from "../plan.ts";
import { offsetsOf } from "../ragged.ts";
import { cutQueryTiles, everything, rangeOfRow, runFields, tileFields, type TileSizes } from "./query-tiles.ts";

const sizes: TileSizes = { queries: 32, fewQueries: 16, keys: 32 };

/** What the tiles permit, as `permittedPairs` tells it; throws where a pair is met twice. */
function pairsOfTiles(plan: AttentionPlan): Uint8Array {
  const { values, groups } = cutQueryTiles(plan, sizes);
  const found = new Uint8Array(plan.densePairs);
  for (const { few, first, count } of groups) {
    const rows = few ? sizes.fewQueries : sizes.queries;
    for (let tile = tileFields * first; tile < tileFields * (first + count); tile += tileFields) {
      const [firstRow, rowCount, query, , keys, , pairs, start, end] = values.subarray(tile, tile + tileFields);
      expect(rowCount).toBeLessThanOrEqual(rows);
      for (let run = start!; run < end!; run += runFields) {
        const [runStart, runEnd, permits] = values.subarray(run, run + runFields) as unknown as [
          number,
          number,
          number,
        ];
        expect(runStart % sizes.keys).toBe(0);
        for (let row = 0; row < rowCount!; row += 1) {
          for (let key = runStart; key < Math.min(runEnd, permits === everything ? runEnd : keys!); key += 1) {
            if (!isPermitted(plan, values, rows, firstRow! + row, row, key, runStart, permits)) continue;
            const at = pairs! + (query! + row) * keys! + key;
            if (found[at] === 1) throw new Error(`pair ${at} is met twice`);
            found[at] = 1;
          }
        }
      }
    }
  }
  return found;
}

/** What the kernel asks of a pair. */
function isPermitted(
  { form }: AttentionPlan,
  values: Int32Array,
  rows: number,
  queryRow: number,
  row: number,
  key: number,
  runStart: number,
  permits: number,
): boolean {
  if (permits === everything) return true;
  if (permits === rangeOfRow)
    return form.kind === "ranges" && key >= form.starts[queryRow]! && key < form.ends[queryRow]!;
  const words = permits + Math.floor((key - runStart) / sizes.keys) * ((rows / 8) * (sizes.keys / 4));
  const within = key % sizes.keys;
  const word = values[words + Math.floor(row / 8) * (sizes.keys / 4) + Math.floor(within / 4)]!;
  return ((word >>> (8 * (within % 4) + (row % 8))) & 1) === 1;
}

describe("cutQueryTiles()", () => {
  const length = fc.integer({ min: 0, max: 150 });
  const pattern: fc.Arbitrary<AttentionPattern> = fc.oneof(
    fc.constant<AttentionPattern>({ kind: "full" }),
    fc.constant<AttentionPattern>({ kind: "causal" }),
    fc.record({
      kind: fc.constant("window" as const),
      left: fc.integer({ min: -1, max: 60 }),
      right: fc.integer({ min: -1, max: 60 }),
    }),
    fc.integer({ min: 1, max: 9 }).map((modulus): AttentionPattern => ({
      kind: "rule",
      permits: (query, key) => Math.floor(query / 5) % modulus !== Math.floor(key / 40) % 3,
    })),
  );

  it("meets each permitted pair once and no other", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(length, length), { maxLength: 3 }), pattern, (sets, one) => {
        const plan = compilePlan(offsetsOf(sets.map(([q]) => q)), offsetsOf(sets.map(([, k]) => k)), one);
        expect(pairsOfTiles(plan)).toEqual(permittedPairs(plan));
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("skips the keys that a window leaves out", () => {
    const offsets = Int32Array.of(0, 4096);
    const plan = compilePlan(offsets, offsets, { kind: "window", left: 20, right: 0 });
    const { groups } = cutQueryTiles(plan, sizes);
    expect(Math.max(...groups.map(({ keys }) => keys))).toBe(64);
  });

  it("asks nothing of a pair where all are permitted", () => {
    const offsets = Int32Array.of(0, 128);
    const { values } = cutQueryTiles(compilePlan(offsets, offsets, { kind: "full" }), sizes);
    expect([...values.subarray(tileFields * 4)]).toEqual(Array.from({ length: 4 }, () => [0, 128, everything]).flat());
  });

  it("puts tiles that cost about the same together, the costliest first", () => {
    const offsets = Int32Array.of(0, 640);
    const { groups } = cutQueryTiles(compilePlan(offsets, offsets, { kind: "causal" }), sizes);
    expect(groups.map(({ keys }) => keys)).toEqual([640, 128]);
  });
});
