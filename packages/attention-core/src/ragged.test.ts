import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkOffsets,
  fromPadded,
  kindOf,
  lengthsOf,
  offsetsOf,
  packRows,
  positionsOf,
  setOfRow,
  toPadded,
  unpackRows,
} from "./ragged.ts";

const sets = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    sets: fc.array(
      fc
        .integer({ min: 0, max: 6 })
        .chain((rows) => fc.array(fc.float({ noNaN: true }), { minLength: rows * width, maxLength: rows * width })),
    ),
  }),
);

describe("packRows() and unpackRows()", () => {
  it("undo one another", () => {
    fc.assert(
      fc.property(sets, ({ sets: lists, width }) => {
        const ragged = packRows(lists, width);
        expect(unpackRows(ragged)).toEqual(lists.map((list) => Float32Array.from(list)));
        expect(packRows(unpackRows(ragged), width)).toEqual(ragged);
      }),
    );
  });

  it("unpackRows() copies", () => {
    const ragged = packRows([[1, 2]], 1);
    unpackRows(ragged)[0]!.fill(9);
    expect(ragged.values).toEqual(Float32Array.of(1, 2));
  });

  it("refuse what does not fit", () => {
    expect(() => packRows([[1, 2], [3]], 2)).toThrow(
      "Cannot pack rows: set 1 must hold whole rows of 2 values, has 1 values",
    );
    expect(() => packRows([], 0)).toThrow(RangeError);
    const values = new Float32Array(5);
    expect(() => unpackRows({ values, offsets: Int32Array.of(0, 2), width: 2 })).toThrow(
      "values must be [2, 2] as offsets and width say, there are 5",
    );
  });
});

describe("toPadded() and fromPadded()", () => {
  it("undo one another", () => {
    fc.assert(
      fc.property(sets, fc.integer({ min: 6, max: 8 }), ({ sets: lists, width }, longest) => {
        const ragged = packRows(lists, width);
        for (const options of [{}, { longest, fill: NaN }]) {
          const padded = toPadded(ragged, options);
          expect(padded.lengths).toEqual(lengthsOf(ragged.offsets));
          expect(fromPadded(padded.values, padded.shape, padded.lengths)).toEqual(ragged);
        }
      }),
    );
  });

  it("toPadded() fills behind the rows of a set", () => {
    const padded = toPadded(packRows([[1], [2, 3]], 1), { longest: 3, fill: -1 });
    expect(padded).toEqual({
      values: Float32Array.of(1, -1, -1, 2, 3, -1),
      shape: [2, 3, 1],
      lengths: Int32Array.of(1, 2),
    });
    expect(() => toPadded(packRows([[1, 2]], 1), { longest: 1 })).toThrow(
      "longest must be an integer >= 2, the longest set; it is 1",
    );
  });

  it("fromPadded() refuses what does not fit", () => {
    const values = new Float32Array(6);
    expect(() => fromPadded(values, [2, 3, 2], [1, 1])).toThrow(
      "shape [2, 3, 2] must have as many values as given, 6 are given",
    );
    expect(() => fromPadded(values, [2, 3, 1], [1])).toThrow("there must be one length per set, 2; there are 1");
    expect(() => fromPadded(values, [2, 3, 1], [1, 4])).toThrow(
      "a length must be at most 3, the padded one; set 1 has 4",
    );
    expect(() => fromPadded(values, [2, 3, 1], [1, -1])).toThrow(
      "every length must be an integer >= 0, length 1 is -1",
    );
  });
});

describe("offsets", () => {
  it("offsetsOf() and lengthsOf() undo one another", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), (lengths) => {
        expect([...lengthsOf(offsetsOf(lengths))]).toEqual(lengths);
      }),
    );
  });

  it("offsetsOf() refuses more rows than 32 bits can count", () => {
    expect(offsetsOf([2 ** 30, 2 ** 30 - 1])).toEqual(Int32Array.of(0, 2 ** 30, 2 ** 31 - 1));
    expect(() => offsetsOf([2 ** 30, 2 ** 30])).toThrow(
      "all sets together must have at most 2147483647 rows, the first 2 have 2147483648",
    );
  });

  it("positionsOf() counts in each set, from where it starts", () => {
    expect(positionsOf(Int32Array.of(0, 2, 2, 5))).toEqual(Int32Array.of(0, 1, 0, 1, 2));
    expect(positionsOf(Int32Array.of(0, 2, 3), [7, 0])).toEqual(Int32Array.of(7, 8, 0));
    expect(() => positionsOf(Int32Array.of(0, 2, 3), [7])).toThrow("there must be one start per set, 2; there are 1");
  });

  it("setOfRow() skips empty sets", () => {
    const offsets = Int32Array.of(0, 0, 2, 2, 2, 3, 3);
    expect([0, 1, 2].map((row) => setOfRow(offsets, row))).toEqual([1, 1, 4]);
    fc.assert(
      fc.property(fc.array(fc.nat(4)), (lengths) => {
        const rows = lengths.flatMap((length, n) => Array.from({ length }, () => n));
        expect(rows.map((_, row) => setOfRow(offsetsOf(lengths), row))).toEqual(rows);
      }),
    );
  });

  it("checkOffsets() accepts arrays of another realm's kind by their name", () => {
    expect(() => checkOffsets("test", "offsets", Int32Array.of(0, 4))).not.toThrow();
    expect(() => checkOffsets("test", "offsets", Uint32Array.of(0, 4) as never)).toThrow(TypeError);
  });

  it("kindOf() names what it is given", () => {
    expect([null, undefined, 1, [], {}, new Float32Array()].map(kindOf)).toEqual([
      "null",
      "undefined",
      "number",
      "Array",
      "Object",
      "Float32Array",
    ]);
  });
});
