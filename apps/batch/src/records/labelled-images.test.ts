import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { IdxFormatError } from "./idx.ts";
import { idxBytes } from "./idx-bytes.ts";
import { labelsBeside, readCifarImages, readIdxImages } from "./labelled-images.ts";

const named = (name: string, values: readonly number[], shape: readonly number[]) => ({
  name,
  bytes: idxBytes(Uint8Array.from(values), shape),
});
const images = named("images-idx3", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]);

test("readIdxImages() puts images and labels together", () => {
  const found = readIdxImages(images, named("labels-idx1", [9, 0], [2]), 10);
  expect(found).toMatchObject({ rows: 2, columns: 3, channels: 1 });
  expect([...found.labels]).toEqual([9, 0]);
  expect([...found.pixels.subarray(6)]).toEqual([7, 8, 9, 10, 11, 12]);
});

test.each([
  [named("labels", [1], [1]), "there must be a label for each of 2 images of images-idx3, there are 1"],
  [named("labels", [1, 10], [2]), "labels must be below 10, label 1 is 10"],
  [named("labels", [1, 2], [1, 2]), "labels must be in one dimension, they are in 2"],
])("readIdxImages() refuses labels that do not belong", (labels, rule) => {
  expect(() => readIdxImages(images, labels, 10)).toThrow(IdxFormatError);
  expect(() => readIdxImages(images, labels, 10)).toThrow(`Cannot read labels: ${rule}`);
});

test("readIdxImages() refuses images that are none", () => {
  const labels = named("labels", [1], [1]);
  expect(() => readIdxImages(labels, labels, 10)).toThrow("images must be in three dimensions");
  expect(() => readIdxImages(named("x", [], [1, 0, 4]), labels, 10)).toThrow("none zero in size; they are 1 x 0 x 4");
});

test("labelsBeside() follows the names of MNIST, and says so to others", () => {
  expect(labelsBeside("dev-images-idx3-ubyte.gz")).toBe("dev-labels-idx1-ubyte.gz");
  expect(() => labelsBeside("pictures.bin")).toThrow('its name must have "images-idx3"');
});

test("readCifarImages() reads planes of colour as pixels", () => {
  const plain = new Uint8Array(2 * 3073);
  plain[0] = 3;
  plain[3073] = 9;
  for (let i = 0; i < 1024; i += 1) plain.set([i % 256], 1 + i);
  plain[1 + 1024 + 5] = 77;
  plain[1 + 2048 + 5] = 88;
  for (const bytes of [plain, gzipSync(plain)]) {
    const found = readCifarImages({ name: "x", bytes });
    expect(found).toMatchObject({ rows: 32, columns: 32, channels: 3 });
    expect([...found.labels]).toEqual([3, 9]);
    expect([...found.pixels.subarray(15, 18)]).toEqual([5, 77, 88]);
    expect(found.pixels.length).toBe(2 * 3072);
  }
});

test("readCifarImages() refuses other sizes, labels and streams", () => {
  const of = (bytes: Uint8Array) => () => readCifarImages({ name: "x", bytes });
  expect(of(new Uint8Array(3072))).toThrow("must be a multiple of 3073 bytes, it has 3072");
  expect(of(new Uint8Array(3073).fill(10))).toThrow("labels must be below 10, label 0 is 10");
  expect(of(Uint8Array.of(0x1f, 0x8b, 0))).toThrow(IdxFormatError);
});
