import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { greyImage, type Image } from "./image.ts";
import { type ImageFormat, imageRows, placeOf } from "./image-rows.ts";
import { rasterOf } from "./raster.ts";
import { resize } from "./resize.ts";

const format: ImageFormat = { rows: 2, columns: 2, channels: 1, mean: [0], scale: [1], background: [0, 0, 0] };

describe("resize()", () => {
  test("leaves an image of the asked size alone, and a flat one flat", () => {
    const raster = { values: Float32Array.of(1, 2, 3, 4), width: 2, height: 2, channels: 1 };
    expect(resize(raster, 2, 2)).toBe(raster);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 23 }), { minLength: 4, maxLength: 4 }),
        fc.constantFrom(1, 3),
        (sides, channels) => {
          const [width, height, rows, columns] = sides as [number, number, number, number];
          const values = Float32Array.from({ length: width * height * channels }, (_, i) => (i % channels) + 1);
          const result = resize({ values, width, height, channels }, rows, columns);
          expect(result.values.length).toBe(rows * columns * channels);
          result.values.forEach((value, i) => expect(value).toBeCloseTo((i % channels) + 1, 5));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("halves by the triangle over four pixels, and refuses sizes that are none", () => {
    const raster = { values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 100), width: 8, height: 1, channels: 1 };
    // The weights are 1, 3, 3, 1 over 8; at the borders 3, 3, 1 over 7.
    const expected = [5 / 7, 20 / 8, 36 / 8, (5 + 3 * 6 + 3 * 100) / 7];
    [...resize(raster, 1, 4).values].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
    expect(() => resize(raster, 0, 4)).toThrow("rows must be an integer >= 1, it is 0");
    expect(() => resize(raster, 1, 1.5)).toThrow(RangeError);
  });
});

describe("rasterOf()", () => {
  test("composites over the background, and weighs colours for grey", () => {
    const image = { data: Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 0, 200, 100, 0, 51), width: 3, height: 1 };
    const background = [10, 20, 30] as const;
    const [r, g, b] = [0.2 * 200 + 8, 0.2 * 100 + 16, 24];
    const colours = rasterOf(image, { channels: 3, background }).values;
    [255, 0, 0, 10, 20, 30, r, g, b].forEach((value, i) => expect(colours[i]).toBeCloseTo(value, 4));
    const grey = rasterOf(image, { channels: 1, background }).values;
    [76.245, 0.299 * 10 + 0.587 * 20 + 0.114 * 30, 0.299 * r + 0.587 * g + 0.114 * b].forEach((value, i) =>
      expect(grey[i]).toBeCloseTo(value, 4),
    );
  });
});

describe("imageRows()", () => {
  test("normalises by mean and scale", () => {
    const rows = imageRows(greyImage(Uint8Array.of(0, 51, 102, 255), 2, 2), { ...format, mean: [0.2], scale: [0.5] });
    [-0.4, 0, 0.4, 1.6].forEach((value, i) => expect(rows[i]).toBeCloseTo(value, 6));
  });

  test("turns colours to their negative when told, or when the ground is light", () => {
    const dark = greyImage(
      Uint8Array.from({ length: 9 }, (_, i) => (i === 4 ? 255 : 0)),
      3,
      3,
    );
    const light = greyImage(
      Uint8Array.from({ length: 9 }, (_, i) => (i === 4 ? 0 : 255)),
      3,
      3,
    );
    const whole = { ...format, rows: 3, columns: 3 };
    const expected = imageRows(dark, whole);
    expect(imageRows(light, whole, "always")).toEqual(expected);
    expect(imageRows(light, whole, "light-ground")).toEqual(expected);
    expect(imageRows(dark, whole, "light-ground")).toEqual(expected);
    expect(imageRows(light, whole)).not.toEqual(expected);
  });

  test("keeps the shape in the middle of the background with fit contain", () => {
    const wide = greyImage(new Uint8Array(8).fill(255), 4, 2);
    const contained: ImageFormat = { ...format, rows: 4, columns: 4, background: [51, 51, 51], fit: "contain" };
    expect(placeOf(wide, contained)).toEqual([1, 0, 2, 4]);
    const rows = imageRows(wide, contained);
    const expected = [0.2, 1, 1, 0.2].flatMap((value) => [value, value, value, value]);
    expected.forEach((value, i) => expect(rows[i]).toBeCloseTo(value, 6));
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", null, /^Cannot read an image: an image must be \{ data, width, height \}, it is null$/u],
    ["numbers that are no bytes", { data: new Float32Array(4), width: 1, height: 1 }, /must be a Uint8ClampedArray/u],
    ["a side of zero", { data: new Uint8Array(0), width: 0, height: 7 }, /width must be an integer >= 1, it is 0/u],
    ["a side that is no number", { data: new Uint8Array(4), width: 1, height: NaN }, /height .* it is NaN/u],
    ["half a pixel", { data: new Uint8Array(4), width: 0.5, height: 2 }, /it is 0.5/u],
    ["bytes that are too few", { data: new Uint8Array(15), width: 2, height: 2 }, /2 x 2 pixels, 16; it has 15/u],
    ["an image that is too large", { data: new Uint8Array(4), width: 65_535, height: 65_535 }, /at most 67108864/u],
    ["sides whose product is no integer", { data: new Uint8Array(4), width: 2 ** 31, height: 2 ** 31 }, /at most/u],
  ])("refuses %s", (_, image, message) => {
    expect(() => imageRows(image as Image, format)).toThrow(message);
  });

  test("takes one pixel, and an image far longer than wide", () => {
    expect([...imageRows(greyImage(Uint8Array.of(255), 1, 1), format)]).toEqual([1, 1, 1, 1]);
    expect(imageRows(greyImage(new Uint8Array(10_000), 1, 10_000), format)).toEqual(new Float32Array(4));
  });
});
