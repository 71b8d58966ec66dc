import { describe, expect, it } from "vitest";
import { compilePlan } from "../compile-plan.ts";
import type { AttentionPattern } from "../pattern.ts";
import { offsetsOf } from "../ragged.ts";
import type { DType, Tensor } from "../tensor.ts";
import { layOutPlan, type PlanBuffers, repeatsOf, rowFields } from "./plan-buffers.ts";

const queries = offsetsOf([3, 0, 2]);
const keys = offsetsOf([4, 2, 2]);

/** A plan that is laid out where its integers can be seen. */
function layOut(pattern: AttentionPattern): {
  readonly plan: PlanBuffers;
  readonly valuesOf: (buffer: GPUBuffer) => number[];
} {
  const stored: Int32Array[] = [];
  const plan = layOutPlan(
    {
      store: (values) => {
        stored.push(values);
        return { index: stored.length - 1 } as unknown as Tensor<DType>;
      },
      buffer: (x) => x as unknown as GPUBuffer,
    },
    compilePlan(queries, keys, pattern),
  );
  return { plan, valuesOf: (buffer) => Array.from(stored[(buffer as unknown as { index: number }).index]!) };
}

/** Rows of a table. */
function rowsOf(values: readonly number[], width: number, count: number): number[][] {
  return Array.from({ length: count }, (_, row) => values.slice(row * width, (row + 1) * width));
}

describe("layOutPlan()", () => {
  it("gives each query row a record: keys of its set, its place, its range, pairs before, queries", () => {
    const { plan, valuesOf } = layOut({ kind: "causal" });
    const records = rowsOf(valuesOf(plan.buffer), rowFields, 5);
    expect(records).toEqual([
      [0, 4, 0, 1, 0, 2, 0, 3],
      [0, 4, 1, 2, 0, 3, 0, 3],
      [0, 4, 2, 3, 0, 4, 0, 3],
      [6, 2, 0, 0, 0, 1, 12, 2],
      [6, 2, 1, 1, 0, 2, 12, 2],
    ]);
    expect(plan.kind).toBe("ranges");
  });

  it("puts edges and their places in the pattern behind the records, and leads from keys to edges", () => {
    const graph = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 2, 2, 3, 5, 5),
      indices: Int32Array.of(1, 3, 3, 0, 0),
    } as const;
    const { plan, valuesOf } = layOut(graph);
    const values = valuesOf(plan.buffer);
    expect(values.slice(plan.first, plan.second)).toEqual([1, 3, 3, 0, 0]);
    expect(values.slice(plan.second)).toEqual([0, 1, 2, 3, 4]);
    expect(rowsOf(values, rowFields, 5).map((record) => record.slice(4, 6))).toEqual([
      [0, 2],
      [2, 2],
      [2, 3],
      [3, 5],
      [5, 5],
    ]);
    const incoming = valuesOf(plan.incoming());
    const edgesOf = (key: number): number[] => incoming.slice(incoming[5 * key + 3], incoming[5 * key + 4]);
    expect([0, 1, 2, 3, 6].map(edgesOf)).toEqual([[], [0, 0], [], [0, 1, 2, 2], [3, 3, 3, 4]]);
    expect(plan.incoming()).toBe(plan.incoming());
  });

  it("keeps the place of an edge where an intersection drops others", () => {
    const graph = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 2, 2, 3, 5, 5),
      indices: Int32Array.of(3, 1, 3, 1, 0),
    } as const;
    const { plan, valuesOf } = layOut({ kind: "all", of: [graph, { kind: "causal" }] });
    const values = valuesOf(plan.buffer);
    expect(values.slice(plan.first, plan.second)).toEqual([1, 3, 0]);
    expect(values.slice(plan.second)).toEqual([1, 2, 4]);
  });

  it("gives rows the segments of their block, three integers each, and their bits", () => {
    const { plan, valuesOf } = layOut({ kind: "rule", permits: (query, key) => key !== 1 || query === 0 });
    const values = valuesOf(plan.buffer);
    const records = rowsOf(values, rowFields, 5);
    const segments = rowsOf(values.slice(plan.first, plan.second), 3, (plan.second - plan.first) / 3);
    const bits = values.slice(plan.second);
    const permitted = records.map(([, , query, , first, end]) =>
      segments
        .slice(first, end)
        .flatMap(([from, to, mask]) =>
          Array.from({ length: to! - from! }, (_, i) => from! + i).filter(
            (key) => mask! < 0 || ((bits[mask! + key - from!]! >> (query! % 8)) & 1) === 1,
          ),
        ),
    );
    expect(permitted).toEqual([[0, 1, 2, 3], [0, 2, 3], [0, 2, 3], [0, 1], [0]]);
  });
});

describe("longestColumn()", () => {
  it("is the most queries of a set, or the most edges to a key", () => {
    expect(layOut({ kind: "full" }).plan.longestColumn()).toBe(3);
    const star = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 2, 3, 4, 5, 5),
      indices: Int32Array.of(3, 0, 3, 3, 1),
    } as const;
    expect(layOut(star).plan.longestColumn()).toBe(3);
  });
});

describe("repeatsOf()", () => {
  const graph = (indices: number[]): Int32Array | null =>
    repeatsOf(
      compilePlan(queries, keys, {
        kind: "neighbors",
        offsets: Int32Array.of(0, 0, indices.length, indices.length, indices.length, indices.length),
        indices: Int32Array.from(indices),
      }),
    );

  it("is null where no row names a key twice, and for other forms", () => {
    expect(graph([3, 1, 0])).toBeNull();
    expect(repeatsOf(compilePlan(queries, keys, { kind: "full" }))).toBeNull();
  });

  it("chains the edges of a row to the same key, the first of which is marked", () => {
    expect(Array.from(graph([3, 1, 3, 0, 3, 0])!)).toEqual([2, -1, -7, 5, -2, -2]);
  });
});
