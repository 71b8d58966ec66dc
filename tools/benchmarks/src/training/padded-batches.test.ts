import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawBatch } from "./encoder-problem.ts";
import { bucketsOf, packed, paddedBias, type PaddedBatch, paddedRows, paddedTargets } from "./padded-batches.ts";

const lengthLists = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 });

/** The rows of all parts in the order of the batch; a row that does not follow the row before it of its sentence is left out. */
function rowsInOrder(parts: readonly PaddedBatch[]): number[] {
  const rows = parts.flatMap(({ rowAt, sentenceAt, positions }) =>
    [...rowAt].filter((row, at) => {
      const begins = at % positions === 0 || sentenceAt[at - 1] !== sentenceAt[at];
      return row >= 0 && (begins || row === rowAt[at - 1]! + 1);
    }),
  );
  return rows.toSorted((a, b) => a - b);
}

/** The rows of sentences of `lengths`. */
function rowsOf(lengths: readonly number[]): number[] {
  return Array.from({ length: lengths.reduce((sum, length) => sum + length, 0) }, (_, row) => row);
}

describe("bucketsOf()", () => {
  it("pads each sentence to the first bound that it fits", () => {
    const buckets = bucketsOf(drawBatch(Int32Array.of(3, 9, 4, 1), 1), [4, 10]);
    expect(buckets.map(({ sets, positions }) => [sets, positions])).toEqual([
      [3, 4],
      [1, 10],
    ]);
    expect([...buckets[0]!.rowAt]).toEqual([0, 1, 2, -1, 12, 13, 14, 15, 16, -1, -1, -1]);
  });

  it("loses and doubles no row", () => {
    fc.assert(
      fc.property(lengthLists, (lengths) => {
        expect(rowsInOrder(bucketsOf(drawBatch(Int32Array.from(lengths), 1), [4, 8, 12]))).toEqual(rowsOf(lengths));
      }),
    );
  });

  it("refuses a sentence longer than the last bound", () => {
    expect(() => bucketsOf(drawBatch(Int32Array.of(5), 1), [4])).toThrow(RangeError);
  });
});

describe("packed()", () => {
  it("puts sentences into rows of the given length, as few as first fit finds", () => {
    const { sets, positions, sentenceAt } = packed(drawBatch(Int32Array.of(2, 5, 3, 4), 1), 7);
    expect([sets, positions]).toEqual([2, 7]);
    expect([...sentenceAt]).toEqual([1, 1, 1, 1, 1, 0, 0, 3, 3, 3, 3, 2, 2, 2]);
  });

  it("loses and doubles no row", () => {
    fc.assert(
      fc.property(lengthLists, (lengths) => {
        expect(rowsInOrder([packed(drawBatch(Int32Array.from(lengths), 1), 12)])).toEqual(rowsOf(lengths));
      }),
    );
  });

  it("refuses a sentence longer than a row", () => {
    expect(() => packed(drawBatch(Int32Array.of(5), 1), 4)).toThrow(RangeError);
  });
});

describe("arrays of a padded batch", () => {
  const batch = drawBatch(Int32Array.of(2, 1), 1);
  const part = packed(batch, 4);

  it("open pairs of one sentence alone, and leave no row without a key", () => {
    const open = [...paddedBias(part)].map((bias) => (bias === 0 ? 1 : 0));
    expect(open).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });

  it("have zeros for padding, and the rows elsewhere", () => {
    const rows = paddedRows(part, batch);
    expect(rows.subarray(0, batch.rows.length)).toEqual(batch.rows);
    expect(rows.subarray(batch.rows.length).every((value) => value === 0)).toBe(true);
  });

  it("share a weight of one among the positions that count", () => {
    const sumOf = (counts?: Float32Array): number => paddedTargets(part, batch, counts).reduce((sum, x) => sum + x, 0);
    expect(sumOf()).toBeCloseTo(1, 6);
    expect(sumOf(Float32Array.of(0, 1, 1))).toBeCloseTo(1, 6);
    expect(paddedTargets(part, batch, Float32Array.of(0, 1, 1))[batch.labels[0]!]).toBe(0);
  });
});
