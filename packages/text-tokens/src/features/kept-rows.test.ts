import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseRows, decodeRows, encodeRows, keepRows } from "./kept-rows.ts";
import { wordFeaturizer } from "./word-features.ts";

const wide = wordFeaturizer([
  { kind: "word", form: "lower", vocabulary: [], hashRows: 1 << 20 },
  { kind: "suffix", form: "lower", length: 3, rows: 1 << 20 },
]);

test("chooseRows() keeps the rows that are asked for most, in ascending order", () => {
  const ids = [Int32Array.of(9, 4, -1, 9), Int32Array.of(4, 7, 2, 2, 9)];
  expect(chooseRows(ids)).toEqual(Int32Array.of(2, 4, 9));
  expect(chooseRows(ids, { most: 2 })).toEqual(Int32Array.of(2, 9));
  expect(chooseRows(ids, { minimumCount: 1 })).toEqual(Int32Array.of(2, 4, 7, 9));
});

test("keepRows() numbers the rows that are kept, and gives -1 for others", () => {
  const words = ["the", "other", "mother"];
  const all = wide.featuresOf(words);
  const kept = chooseRows([all], { minimumCount: 2 });
  expect(kept).toEqual(Int32Array.of(all[3]!));
  const featurizer = keepRows(wide, kept);
  expect(featurizer.layout).toMatchObject({ rows: 1, columns: 2 });
  expect([...featurizer.featuresOf(words)]).toEqual([-1, -1, -1, 0, -1, 0]);
  expect(wide.featuresOf(words)).toEqual(all);
});

test("keepRows() throws a RangeError for rows that do not ascend or are not there", () => {
  expect(() => keepRows(wide, Int32Array.of(3, 3))).toThrow("row 1 is 3 after 3");
  expect(() => keepRows(wide, Int32Array.of(-1))).toThrow(RangeError);
  expect(() => keepRows(wide, Int32Array.of(1 << 22))).toThrow(RangeError);
});

test("decodeRows() gives back what encodeRows() wrote", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 31 - 1 })), (rows) => {
      const ascending = Int32Array.from(rows).sort();
      expect(decodeRows(encodeRows(ascending))).toEqual(ascending);
    }),
  );
});

test("decodeRows() throws a RangeError for bytes that are no rows", () => {
  expect(() => decodeRows(Uint8Array.of(255))).toThrow("its bytes end early");
  expect(() => decodeRows(new Uint8Array(9).fill(255))).toThrow("row 0 is not");
});
