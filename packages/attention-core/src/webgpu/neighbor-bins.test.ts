import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlan } from "../compile-plan.ts";
import { offsetsOf } from "../ragged.ts";
import { binFields, binSizesOf, cutNeighborBins, hubFields, partEdges, partFields } from "./neighbor-bins.ts";

describe("cutNeighborBins()", () => {
  it("puts each row into one bin that has room for it, or among the hubs", () => {
    const degrees = fc.array(fc.oneof(fc.constant(0), fc.nat(40), fc.nat(9000)), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(degrees, fc.integer({ min: 1, max: 20 }), (all, H) => {
        const offsets = offsetsOf(all);
        const indices = new Int32Array(offsets.at(-1)!);
        const rows = offsetsOf([all.length]);
        const plan = compilePlan(rows, rows, { kind: "neighbors", offsets, indices });
        const sizes = binSizesOf(H);
        const { bins, hubs, parts } = cutNeighborBins(plan, sizes);
        const seen: number[] = [];
        for (let i = 0; i < bins.length; i += binFields) {
          const [first, count] = [bins[i]!, bins[i + 1]!];
          expect(count).toBeGreaterThan(0);
          expect(count).toBeLessThanOrEqual(sizes.rows);
          expect(offsets[first + count]! - offsets[first]!).toBeLessThanOrEqual(sizes.edges);
          for (let row = first; row < first + count; row += 1) seen.push(row);
        }
        for (let i = 0; i < hubs.length; i += hubFields) {
          const row = hubs[i]!;
          seen.push(row);
          let edge = offsets[row]!;
          for (let part = hubs[i + 1]!; part < hubs[i + 1]! + hubs[i + 2]!; part += 1) {
            const [ofRow, start, end] = parts.subarray(partFields * part, partFields * (part + 1));
            expect([ofRow, start]).toEqual([row, edge]);
            expect(end! - start!).toBeLessThanOrEqual(partEdges);
            edge = end!;
          }
          expect(edge).toBe(offsets[row + 1]);
        }
        expect(seen.sort((a, b) => a - b)).toEqual(all.map((_, row) => row));
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
