import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { IdxFormatError, readIdx } from "./idx.ts";
import { idxBytes } from "./idx-bytes.ts";

test("readIdx() reads what was written, gzipped or not", () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(shapes, fc.boolean(), (shape, gzipped) => {
      const values = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
      const bytes = idxBytes(values, shape);
      const found = readIdx(gzipped ? gzipSync(bytes) : bytes, "x");
      expect(found.shape).toEqual(shape);
      expect([...found.values]).toEqual([...values]);
    }),
  );
});

test("readIdx() reads bytes that stand within a larger buffer", () => {
  const bytes = idxBytes(Uint8Array.of(7, 8), [2]);
  const within = new Uint8Array(bytes.length + 3);
  within.set(bytes, 3);
  expect([...readIdx(within.subarray(3), "x").values]).toEqual([7, 8]);
});

const good = idxBytes(Uint8Array.of(1, 2, 3, 4), [2, 2]);
const changed = (at: number, value: number): Uint8Array => good.map((byte, i) => (i === at ? value : byte));

test.each<[string, Uint8Array, string]>([
  ["nothing", new Uint8Array(), "an IDX file must begin with four bytes"],
  ["another format", changed(0, 137), "must begin with two bytes of zero, it begins with 137 and 0"],
  ["floats", changed(2, 13), "must be unsigned bytes (type 8), they are of type 13"],
  ["no dimension", changed(3, 0), "must have one to 3 dimensions, it has 0"],
  ["many dimensions", changed(3, 200), "must have one to 3 dimensions, it has 200"],
  ["cut dimensions", good.subarray(0, 9), "its 2 dimensions must follow in 12 bytes, it has 9"],
  ["cut values", good.subarray(0, 15), "2 x 2 values must follow its dimensions, that is 4 bytes; there are 3"],
  ["more values", Uint8Array.from([...good, 0]), "that is 4 bytes; there are 5"],
  ["sizes beyond all memory", changed(4, 255), "4278190082 x 2 values must follow"],
  ["a cut gzip stream", gzipSync(good).subarray(0, 20), "its gzip stream must be whole"],
  ["a damaged gzip stream", Uint8Array.from([0x1f, 0x8b, 1, 2, 3]), "its gzip stream must be whole"],
])("readIdx() refuses %s and names the file", (_, bytes, rule) => {
  const reading = (): unknown => readIdx(bytes, "train-images");
  expect(reading).toThrow(IdxFormatError);
  expect(reading).toThrow("Cannot read train-images: ");
  expect(reading).toThrow(rule);
});
