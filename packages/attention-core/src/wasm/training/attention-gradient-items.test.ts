import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchesWithPattern } from "../../../test/arbitraries.ts";
import { compilePlan } from "../../compile-plan.ts";
import type { AttentionPlan, EdgesForm } from "../../plan.ts";
import { forEachKey } from "../../plan-walk.ts";
import { setOfRow } from "../../ragged.ts";
import {
  cutByKeys,
  cutByQueriesThenKeys,
  cutEdgesByQueries,
  incomingEdges,
  type ItemGroups,
} from "./attention-gradient-items.ts";

interface Item {
  readonly set: number;
  readonly passes: number;
  readonly queries: readonly [from: number, to: number];
  readonly keys: readonly [from: number, to: number];
}

function itemsOf({ items, groupItems, groups }: ItemGroups): Item[] {
  expect(groupItems.length).toBe(groups + 1);
  expect([groupItems[0], groupItems.at(-1)! * 6]).toEqual([0, items.length]);
  return Array.from({ length: items.length / 6 }, (_, i) => {
    const [set, passes, queryFrom, queryTo, keyFrom, keyTo] = items.subarray(6 * i, 6 * i + 6);
    return { set: set!, passes: passes!, queries: [queryFrom!, queryTo!], keys: [keyFrom!, keyTo!] };
  });
}

/** How often each permitted pair is met by items with the pass 1 (queries) or 2 (keys). */
function visitsOf(plan: AttentionPlan, items: readonly Item[], pass: 1 | 2): number[] {
  const visits: number[] = [];
  for (let row = 0; row < plan.queryOffsets.at(-1)!; row += 1) {
    const set = setOfRow(plan.queryOffsets, row);
    const query = row - plan.queryOffsets[set]!;
    forEachKey(plan, row, (key) => {
      const meets = (item: Item): boolean =>
        item.set === set && (item.passes & pass) !== 0 && isIn(query, item.queries) && isIn(key, item.keys);
      visits.push(items.filter(meets).length);
    });
  }
  return visits;
}

function isIn(x: number, [from, to]: readonly [number, number]): boolean {
  return from <= x && x < to;
}

/** How often items with that pass own each row. */
function ownersOf(offsets: Int32Array, items: readonly Item[], pass: 1 | 2): number[] {
  const owners = Array.from({ length: offsets.at(-1)! }, () => 0);
  for (const item of items) {
    if ((item.passes & pass) === 0) continue;
    const [from, to] = pass === 1 ? item.queries : item.keys;
    for (let i = from; i < to; i += 1) owners[offsets[item.set]! + i]! += 1;
  }
  return owners;
}

const sizes = fc.record({
  pairs: fc.constantFrom(1, 7, 40, 1000),
  align: fc.constantFrom(1, 8, 48),
  groups: fc.constantFrom(1, 3, Infinity),
});
const batches = batchesWithPattern(70).map(({ queries, keys, pattern }) => compilePlan(queries, keys, pattern));
const onlyOnce = (count: number): boolean => count === 1;

describe("cutByKeys()", () => {
  it("groups the items of a plan that permits nothing like any other", () => {
    const offsets = Int32Array.of(0, 2, 4, 6);
    const plan = compilePlan(offsets, Int32Array.of(0, 0, 0, 0), { kind: "full" });
    expect(cutByKeys(plan, { pairs: 1, align: 1, groups: 1 }).map(({ groups }) => groups)).toEqual([1]);
  });

  it("has each pair once; no two items of a job share a row, and the first have all", () => {
    fc.assert(
      fc.property(batches, sizes, (plan, size) => {
        fc.pre(plan.form.kind !== "edges");
        const jobs = cutByKeys(plan, size).map(itemsOf);
        expect(visitsOf(plan, jobs.flat(), 1).every(onlyOnce)).toBe(true);
        expect(visitsOf(plan, jobs.flat(), 2).every(onlyOnce)).toBe(true);
        expect(ownersOf(plan.keyOffsets, jobs.flat(), 2).every(onlyOnce)).toBe(true);
        expect(ownersOf(plan.queryOffsets, jobs[0]!, 1).every(onlyOnce)).toBe(true);
        for (const job of jobs) {
          expect(job.every(({ queries }) => queries[0] % 8 === 0)).toBe(true);
          expect(ownersOf(plan.queryOffsets, job, 1).every((count) => count <= 1)).toBe(true);
        }
        // What begins the sums of queries comes first.
        expect(jobs[0]!.every(({ keys }) => keys[0] === 0)).toBe(true);
        expect(
          jobs
            .slice(1)
            .flat()
            .every(({ keys }) => keys[0] > 0),
        ).toBe(true);
        expect(cutByKeys(plan, size).every(({ groups }) => groups <= size.groups + 1)).toBe(true);
      }),
    );
  });
});

describe("cutByQueriesThenKeys()", () => {
  it("has each pair once in either pass, each row in one item, and whole rows first", () => {
    fc.assert(
      fc.property(batches, sizes, (plan, size) => {
        fc.pre(plan.form.kind !== "edges");
        const [first, second] = cutByQueriesThenKeys(plan, size).map(itemsOf) as [Item[], Item[]];
        const all = [...first, ...second];
        expect(visitsOf(plan, all, 1).every(onlyOnce)).toBe(true);
        expect(visitsOf(plan, all, 2).every(onlyOnce)).toBe(true);
        expect(ownersOf(plan.queryOffsets, first, 1).every(onlyOnce)).toBe(true);
        expect(ownersOf(plan.keyOffsets, all, 2).every(onlyOnce)).toBe(true);
        expect(second.every(({ passes }) => passes === 2)).toBe(true);
        const keysOf = (set: number): number => plan.keyOffsets[set + 1]! - plan.keyOffsets[set]!;
        expect(first.every(({ set, keys }) => keys[0] === 0 && keys[1] === keysOf(set))).toBe(true);
      }),
    );
  });
});

describe("cutEdgesByQueries() and incomingEdges()", () => {
  const graphs = batches.filter((plan) => plan.form.kind === "edges");

  it("have each edge once, by its query and by its key", () => {
    fc.assert(
      fc.property(graphs, sizes, (plan, size) => {
        const form = plan.form as EdgesForm;
        const items = itemsOf(cutEdgesByQueries(plan, form, size));
        expect(visitsOf(plan, items, 1).every(onlyOnce)).toBe(true);
        expect(ownersOf(plan.queryOffsets, items, 1).every(onlyOnce)).toBe(true);

        const { offsets, rows, places } = incomingEdges(plan, form);
        expect([...places].toSorted((a, b) => a - b)).toEqual(Array.from(form.indices, (_, place) => place));
        for (let keyRow = 0; keyRow + 1 < offsets.length; keyRow += 1) {
          for (let i = offsets[keyRow]!; i < offsets[keyRow + 1]!; i += 1) {
            const [row, place] = [rows[i]!, places[i]!];
            const set = setOfRow(plan.queryOffsets, row);
            expect(form.offsets[row]! <= place && place < form.offsets[row + 1]!).toBe(true);
            expect(plan.keyOffsets[set]! + form.indices[place]!).toBe(keyRow);
          }
        }
      }),
    );
  });
});
