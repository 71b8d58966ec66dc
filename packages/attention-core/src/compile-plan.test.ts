import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  batches,
  batchesWithPattern,
  hasNeighbors,
  neighbors,
  permittedByDefinition,
  setsOf,
} from "../test/arbitraries.ts";
import { compilePlan } from "./compile-plan.ts";
import type { AttentionPattern } from "./pattern.ts";
import { forEachKey, permittedPairs } from "./plan-walk.ts";
import { type AttentionPlan, queriesPerBlock } from "./plan.ts";
import { offsetsOf } from "./ragged.ts";

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

function countedRows(plan: AttentionPlan): number[] {
  const rows = plan.queryOffsets.at(-1)!;
  return Array.from({ length: rows }, (_, row) => {
    let count = 0;
    forEachKey(plan, row, () => (count += 1));
    return count;
  });
}

describe("compilePlan()", () => {
  it("permits what the pattern permits, for any tree of patterns over ragged sets", () => {
    fc.assert(
      fc.property(batchesWithPattern(), ({ queries, keys, pattern }) => {
        const plan = compilePlan(queries, keys, pattern);
        expect(permittedPairs(plan)).toEqual(permittedByDefinition({ queries, keys }, pattern));
      }),
      { numRuns: 1000 },
    );
  });

  it("counts its pairs, the dense pairs and the longest row", () => {
    fc.assert(
      fc.property(batchesWithPattern(), ({ queries, keys, pattern }) => {
        const plan = compilePlan(queries, keys, pattern);
        const counts = countedRows(plan);
        expect(plan.pairs).toBe(sum(counts));
        expect(plan.longestRow).toBe(Math.max(0, ...counts));
        expect(plan.densePairs).toBe(sum(setsOf({ queries, keys }).map((set) => set.queries * set.keys)));
      }),
      { numRuns: 300 },
    );
  });

  it("counts a pair once, but for neighbours", () => {
    fc.assert(
      fc.property(
        batchesWithPattern().filter(({ pattern }) => !hasNeighbors(pattern)),
        ({ queries, keys, pattern }) => {
          expect(compilePlan(queries, keys, pattern).pairs).toBe(
            sum(permittedByDefinition({ queries, keys }, pattern)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps ranges within their set, ends behind starts", () => {
    fc.assert(
      fc.property(batchesWithPattern(), ({ queries, keys, pattern }) => {
        const { form } = compilePlan(queries, keys, pattern);
        if (form.kind !== "ranges") return;
        setsOf({ queries, keys }).forEach((set, n) => {
          for (let row = queries[n]!; row < queries[n + 1]!; row += 1) {
            expect(form.starts[row]).toBeGreaterThanOrEqual(0);
            expect(form.ends[row]).toBeGreaterThanOrEqual(form.starts[row]!);
            expect(form.ends[row]).toBeLessThanOrEqual(set.keys);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it("keeps segments ascending, disjoint, not empty, and within their set", () => {
    fc.assert(
      fc.property(batchesWithPattern(70), ({ queries, keys, pattern }) => {
        const { form } = compilePlan(queries, keys, pattern);
        if (form.kind !== "segments") return;
        let block = 0;
        for (const set of setsOf({ queries, keys })) {
          for (let first = 0; first < set.queries; first += queriesPerBlock, block += 1) {
            let last = 0;
            for (let s = form.blockOffsets[block]!; s < form.blockOffsets[block + 1]!; s += 1) {
              expect(form.starts[s]).toBeGreaterThanOrEqual(last);
              expect(form.ends[s]).toBeGreaterThan(form.starts[s]!);
              last = form.ends[s]!;
              const rows = (1 << Math.min(queriesPerBlock, set.queries - first)) - 1;
              const mask = form.masks[s]!;
              const bits = mask === -1 ? [] : form.bits.subarray(mask, mask + form.ends[s]! - form.starts[s]!);
              expect(Array.from(bits).every((bit) => (bit & ~rows) === 0)).toBe(true);
            }
            expect(last).toBeLessThanOrEqual(set.keys);
          }
        }
        expect(form.blockOffsets.length).toBe(block + 1);
      }),
      { numRuns: 300 },
    );
  });

  it("makes of a window as long as the sets what full makes", () => {
    fc.assert(
      fc.property(batches(), ({ queries, keys }) => {
        const window = compilePlan(queries, keys, { kind: "window", left: 20, right: 20, offset: 0 });
        expect(window).toEqual(compilePlan(queries, keys, { kind: "full" }));
        expect(compilePlan(queries, keys, { kind: "window", left: -1, right: -1 })).toEqual(window);
        expect(compilePlan(queries, keys, { kind: "all", of: [] })).toEqual(window);
      }),
    );
  });

  it("makes of a window without right side what causal makes", () => {
    fc.assert(
      fc.property(batches(), ({ queries, keys }) => {
        expect(compilePlan(queries, keys, { kind: "window", left: -1, right: 0 })).toEqual(
          compilePlan(queries, keys, { kind: "causal" }),
        );
      }),
    );
  });

  it("aligns the last query with the last key by default", () => {
    const plan = compilePlan(offsetsOf([2]), offsetsOf([5]), { kind: "causal" });
    expect(plan.form).toEqual({ kind: "ranges", starts: Int32Array.of(0, 0), ends: Int32Array.of(4, 5) });
    const early = compilePlan(offsetsOf([4]), offsetsOf([2]), { kind: "causal" });
    expect(early.form).toEqual({ kind: "ranges", starts: Int32Array.of(0, 0, 0, 0), ends: Int32Array.of(0, 0, 1, 2) });
  });

  it("comes to ranges for blocks and rules that permit one range per row", () => {
    const offsets = offsetsOf([10, 3]);
    const all: AttentionPattern = {
      kind: "blocks",
      size: 4,
      offsets: Int32Array.of(0, 3, 6, 9, 10),
      indices: Int32Array.of(0, 1, 2, 2, 0, 1, 1, 2, 0, 0),
    };
    expect(compilePlan(offsets, offsets, all)).toEqual(compilePlan(offsets, offsets, { kind: "full" }));
    const upTo: AttentionPattern = { kind: "rule", permits: (query, key) => key <= query };
    expect(compilePlan(offsets, offsets, upTo)).toEqual(compilePlan(offsets, offsets, { kind: "causal" }));
  });

  it("keeps the order of edges, counts doubled ones twice, and copies the graph", () => {
    const offsets = offsetsOf([3]);
    const indices = Int32Array.of(2, 0, 2, 1);
    const plan = compilePlan(offsets, offsets, { kind: "neighbors", offsets: Int32Array.of(0, 3, 3, 4), indices });
    indices.fill(1000);
    expect(plan.form).toEqual({
      kind: "edges",
      offsets: Int32Array.of(0, 3, 3, 4),
      indices: Int32Array.of(2, 0, 2, 1),
      edges: null,
      edgeCount: 4,
    });
    expect([plan.pairs, plan.densePairs, plan.longestRow]).toEqual([4, 9, 3]);
  });

  it("names the edges that an intersection keeps by their place in the first graph", () => {
    const offsets = offsetsOf([3]);
    const first: AttentionPattern = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 3, 4, 6),
      indices: Int32Array.of(2, 0, 2, 1, 0, 2),
    };
    const second: AttentionPattern = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 1, 2, 4),
      indices: Int32Array.of(2, 0, 0, 2),
    };
    const plan = compilePlan(offsets, offsets, {
      kind: "all",
      of: [{ kind: "full" }, first, { kind: "all", of: [second] }],
    });
    expect(plan.form).toEqual({
      kind: "edges",
      offsets: Int32Array.of(0, 2, 2, 4),
      indices: Int32Array.of(2, 2, 0, 2),
      edges: Int32Array.of(0, 2, 4, 5),
      edgeCount: 6,
    });
  });

  it("filters edges as the definition says, edge by edge", () => {
    const cases = batches().chain((batch) => neighbors(batch).map((graph) => ({ batch, graph })));
    fc.assert(
      fc.property(cases, ({ batch, graph }) => {
        const window: AttentionPattern = { kind: "window", left: 3, right: 1 };
        const plan = compilePlan(batch.queries, batch.keys, { kind: "all", of: [window, graph] });
        const dense = permittedByDefinition(batch, window);
        const expected: number[] = [];
        let place = 0;
        setsOf(batch).forEach((set, n) => {
          for (let row = batch.queries[n]!; row < batch.queries[n + 1]!; row += 1, place += set.keys) {
            for (let e = graph.offsets[row]!; e < graph.offsets[row + 1]!; e += 1) {
              if (dense[place + graph.indices[e]!] === 1) expected.push(e);
            }
          }
        });
        const visited: number[] = [];
        for (let row = 0; row < batch.queries.at(-1)!; row += 1) forEachKey(plan, row, (_, edge) => visited.push(edge));
        expect(visited).toEqual(expected);
        expect(plan.pairs).toBe(expected.length);
      }),
    );
  });

  it("asks a rule once for each pair, and only for those that the rest permits", () => {
    const offsets = offsetsOf([6, 0, 5]);
    const asked = new Map<string, number>();
    const rule: AttentionPattern = {
      kind: "rule",
      permits: (query, key, set) => {
        const pair = `${set}/${query}/${key}`;
        asked.set(pair, (asked.get(pair) ?? 0) + 1);
        return key % 2 === 0;
      },
    };
    compilePlan(offsets, offsets, rule);
    expect(asked.size).toBe(36 + 25);
    expect(Math.max(...asked.values())).toBe(1);
    asked.clear();
    const windowed = compilePlan(offsets, offsets, { kind: "all", of: [rule, { kind: "causal" }] });
    expect(asked.size).toBe(21 + 15);
    expect(windowed.pairs).toBe(12 + 9);
  });

  it("compiles blocks over long sets without a look at their pairs", () => {
    const P = 1_000_000;
    const size = 1000;
    const rows = P / size;
    const indices = new Int32Array(2 * rows);
    for (let row = 0; row < rows; row += 1) indices.set([row, (row * 7) % rows], 2 * row);
    const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => 2 * row);
    const started = performance.now();
    const plan = compilePlan(offsetsOf([P]), offsetsOf([P]), { kind: "blocks", size, offsets, indices });
    expect(performance.now() - started).toBeLessThan(5000);
    if (plan.form.kind !== "segments") throw new Error(`Expected segments, got ${plan.form.kind}`);
    expect(plan.form.starts.length).toBeLessThanOrEqual(2 * (P / queriesPerBlock));
    expect(plan.form.bits.length).toBe(0);
    expect(plan.pairs).toBeGreaterThan(1.9e9);
  });

  it("makes one segment of what lies close, and none of bits of what all rows permit", () => {
    const far = compilePlan(offsetsOf([8]), offsetsOf([1000]), {
      kind: "rule",
      permits: (_, key) => key === 0 || key === 500,
    });
    expect(far.form).toMatchObject({
      starts: Int32Array.of(0, 500),
      ends: Int32Array.of(1, 501),
      masks: Int32Array.of(-1, -1),
    });
    const close = compilePlan(offsetsOf([8]), offsetsOf([1000]), {
      kind: "rule",
      permits: (_, key) => key === 0 || key === 5,
    });
    expect(close.form).toMatchObject({
      starts: Int32Array.of(0),
      ends: Int32Array.of(6),
      bits: Uint8Array.of(255, 0, 0, 0, 0, 255),
    });
    expect(far.form).toMatchObject({ bits: Uint8Array.of() });
  });

  it("takes a hub with a million neighbours", () => {
    const P = 1_000_000;
    const offsets = new Int32Array(P + 1).fill(P, 1);
    const indices = Int32Array.from({ length: P }, (_, i) => i);
    const plan = compilePlan(offsetsOf([P]), offsetsOf([P]), { kind: "neighbors", offsets, indices });
    expect([plan.pairs, plan.longestRow]).toEqual([P, P]);
  });

  it("takes no sets at all", () => {
    const none = Int32Array.of(0);
    const plan = compilePlan(none, none, { kind: "full" });
    expect([plan.pairs, plan.densePairs, plan.longestRow]).toEqual([0, 0, 0]);
  });

  describe("refuses", () => {
    const offsets = offsetsOf([2, 1]);
    const graph = (rows: readonly number[], keys: readonly number[]): AttentionPattern => ({
      kind: "neighbors",
      offsets: Int32Array.from(rows),
      indices: Int32Array.from(keys),
    });
    const cases: readonly (readonly [string, () => unknown, typeof RangeError | typeof TypeError, string])[] = [
      [
        "offsets of another kind",
        () => compilePlan([0, 3] as never, offsets, { kind: "full" }),
        TypeError,
        "query offsets must be an Int32Array, it is Array",
      ],
      [
        "empty offsets",
        () => compilePlan(Int32Array.of(), offsets, { kind: "full" }),
        RangeError,
        "query offsets must have at least one entry, it is empty",
      ],
      [
        "offsets that start late",
        () => compilePlan(Int32Array.of(1, 2, 3), offsets, { kind: "full" }),
        RangeError,
        "query offsets must start with 0, it starts with 1",
      ],
      [
        "offsets that decrease",
        () => compilePlan(offsets, Int32Array.of(0, 2, 1), { kind: "full" }),
        RangeError,
        "key offsets must not decrease, entry 2 is 1 after 2",
      ],
      [
        "different numbers of sets",
        () => compilePlan(offsets, offsetsOf([3]), { kind: "full" }),
        RangeError,
        "queries and keys must have the same number of sets, they have 2 and 1",
      ],
      [
        "GR-01: a row too few",
        () => compilePlan(offsets, offsets, graph([0, 1, 2], [0, 1])),
        RangeError,
        "neighbors offsets must have one entry per query row and one more, 4; there are 3",
      ],
      [
        "GR-01: a first offset other than 0",
        () => compilePlan(offsets, offsets, graph([1, 1, 1, 1], [0])),
        RangeError,
        "neighbors offsets must start with 0, it starts with 1",
      ],
      [
        "GR-01: offsets that decrease",
        () => compilePlan(offsets, offsets, graph([0, 2, 1, 3], [0, 1, 0])),
        RangeError,
        "neighbors offsets must not decrease, entry 2 is 1 after 2",
      ],
      [
        "GR-02: an end other than the number of edges",
        () => compilePlan(offsets, offsets, graph([0, 1, 2, 3], [0, 1])),
        RangeError,
        "neighbors offsets must end with the number of indices, 2; they end with 3",
      ],
      [
        "GR-03: a key beyond its set",
        () => compilePlan(offsets, offsets, graph([0, 1, 2, 3], [0, 1, 1])),
        RangeError,
        "neighbors indices must be key positions of their set, in set 1 0 .. 0; edge 2 has 1",
      ],
      [
        "GR-03: a negative key",
        () => compilePlan(offsets, offsets, graph([0, 1, 1, 1], [-1])),
        RangeError,
        "in set 0 0 .. 1; edge 0 has -1",
      ],
      [
        "GR-03: indices that are not 32 bits",
        () =>
          compilePlan(offsets, offsets, {
            kind: "neighbors",
            offsets: Int32Array.of(0, 1, 1, 1),
            indices: Float64Array.of(2 ** 31) as never,
          }),
        TypeError,
        "neighbors indices must be an Int32Array, it is Float64Array",
      ],
      [
        "a block column beyond its set",
        () =>
          compilePlan(offsets, offsets, {
            kind: "blocks",
            size: 2,
            offsets: Int32Array.of(0, 1, 2),
            indices: Int32Array.of(0, 1),
          }),
        RangeError,
        "blocks indices must be block columns of their set, in set 1 0 .. 0; block row 1 has 1",
      ],
      [
        "blocks of no size",
        () =>
          compilePlan(offsets, offsets, {
            kind: "blocks",
            size: 0,
            offsets: Int32Array.of(0),
            indices: Int32Array.of(),
          }),
        RangeError,
        "blocks size must be an integer >= 1, it is 0",
      ],
      [
        "a window below -1",
        () => compilePlan(offsets, offsets, { kind: "window", left: -2, right: 0 }),
        RangeError,
        "window left must be an integer >= 0, or -1 for no bound; it is -2",
      ],
      [
        "a window of half a position",
        () => compilePlan(offsets, offsets, { kind: "window", left: 0, right: 0.5 }),
        RangeError,
        "window right must be an integer >= 0, or -1 for no bound; it is 0.5",
      ],
      [
        "an offset that is not a number",
        () => compilePlan(offsets, offsets, { kind: "causal", offset: NaN }),
        RangeError,
        "causal offset must be an integer, it is NaN",
      ],
      [
        "a rule that is no function",
        () => compilePlan(offsets, offsets, { kind: "rule", permits: true as never }),
        TypeError,
        "rule permits must be a function, it is boolean",
      ],
      [
        "a rule that answers with a promise",
        () => compilePlan(offsets, offsets, { kind: "rule", permits: (async () => false) as never }),
        TypeError,
        "a rule must answer with a boolean, for query 0 and key 0 of set 0 it answered with Promise",
      ],
      [
        "a pattern of no known kind",
        () => compilePlan(offsets, offsets, { kind: "constructor" } as never),
        RangeError,
        'pattern kind must be full, causal, window, neighbors, blocks, rule or all, it is "constructor"',
      ],
      [
        "no pattern",
        () => compilePlan(offsets, offsets, null as never),
        TypeError,
        "a pattern must be an object with a kind, it is null",
      ],
      [
        "an intersection of no list",
        () => compilePlan(offsets, offsets, { kind: "all", of: {} as never }),
        TypeError,
        "all of must be an array of patterns, it is Object",
      ],
    ];
    it.each(cases)("%s", (_, call, kind, message) => {
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
      expect(call).toThrow(/^Cannot compile a plan: /);
    });
  });
});
