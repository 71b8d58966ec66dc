// What both decoders must do: the same pixels as Pillow, and the same refusals.

import { describe, expect, test } from "vitest";
import { type DecodeOptions, type Image, ImageFormatError } from "../src/index.ts";
import { brokenFiles, files } from "./golden/files.ts";
import { bytesOf, hostileFiles, oddFiles, orientedFile, soundFile, zeroQuantizers } from "./hostile-files.ts";

/** Tries `decodeImage`; `roundedAlpha` is how far colours may be off where pixels are not opaque. */
export function describeDecoder(
  decodeImage: (bytes: Uint8Array, options?: DecodeOptions) => Promise<Image>,
  roundedAlpha: number,
): void {
  describe("decodeImage()", () => {
    test.each(Object.keys(files) as (keyof typeof files)[])("reads the pixels of %s", async (name) => {
      const { width, height, pixels } = files[name];
      const image = await decodeImage(soundFile(name));
      expect([image.width, image.height]).toEqual([width, height]);
      expect(image.data.length).toBe(4 * width * height);
      const expected = bytesOf(pixels);
      let furthest = 0;
      let furthestAlpha = 0;
      image.data.forEach((value, i) => {
        const difference = Math.abs(value - expected[i]!);
        const alpha = expected[i | 3]!;
        if (i % 4 === 3) furthestAlpha = Math.max(furthestAlpha, difference);
        // A colour that cannot be seen need not be kept.
        else if (alpha > 0) furthest = Math.max(furthest, difference);
      });
      expect(furthestAlpha).toBe(0);
      const isTranslucent = expected.some((value, i) => i % 4 === 3 && value < 255);
      expect(furthest).toBeLessThanOrEqual(
        name.endsWith(".jpg") ? jpegTolerance(name) : isTranslucent ? roundedAlpha : 0,
      );
    });

    test.each(Object.keys(hostileFiles))("refuses a file with %s", async (what) => {
      const error: unknown = await decodeImage(hostileFiles[what]!).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ImageFormatError);
      expect(error).toMatchObject({ code: "image-format" });
    });

    test.each(Object.keys(oddFiles))("reads a file with %s", async (what) => {
      const image = await decodeImage(oddFiles[what]!);
      expect([...image.data]).toEqual([...bytesOf(files["rgb.png"].pixels)]);
    });

    test.each([2, 3, 4, 5, 6, 7, 8])("turns a JPEG as its EXIF orientation %i says", async (orientation) => {
      const plain = await decodeImage(orientedFile(1));
      const { width, height, data } = await decodeImage(orientedFile(orientation));
      const sides = orientation >= 5 ? [plain.height, plain.width] : [plain.width, plain.height];
      expect([width, height]).toEqual(sides);
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          const [fromX, fromY] = placeBefore(orientation, x, y, plain.width, plain.height);
          const from = 4 * (fromY * plain.width + fromX);
          const at = 4 * (y * width + x);
          expect([...data.subarray(at, at + 4)]).toEqual([...plain.data.subarray(from, from + 4)]);
        }
      }
    });

    test("ends with a JPEG of quantizers that are zero, one way or the other", async () => {
      const result: unknown = await decodeImage(zeroQuantizers()).catch((reason: unknown) => reason);
      expect(result instanceof ImageFormatError || (result as Image).width === 24).toBe(true);
    });

    test("gives an index beyond the palette the colour that the platform's decoder gives it", async () => {
      const { data } = await decodeImage(bytesOf(brokenFiles["an index beyond the palette"]));
      expect([...data.slice(0, 4), ...data.slice(8)]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    });

    test("refuses more pixels than are allowed, bytes that are none, and what was aborted", async () => {
      const bytes = soundFile("rgb.png");
      await expect(decodeImage(bytes, { maxPixels: 29 })).rejects.toMatchObject({ fault: "too-large" });
      await expect(decodeImage(bytes, { maxPixels: 30 })).resolves.toMatchObject({ width: 6, height: 5 });
      await expect(decodeImage(bytes, { maxPixels: 0 })).rejects.toThrow(RangeError);
      await expect(decodeImage("bytes" as unknown as Uint8Array)).rejects.toThrow(TypeError);
      await expect(decodeImage(new TextEncoder().encode("BM"))).rejects.toMatchObject({ fault: "unknown-format" });
      const reason = new Error("enough");
      await expect(decodeImage(bytes, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });
  });
}

/** Decoders of JPEG round differently; inks are four roundings instead of three. */
function jpegTolerance(name: string): number {
  return name === "cmyk.jpg" ? 6 : 4;
}

/** Where the pixel at x, y of an image turned by `orientation` was before (EXIF 2.3, table 4.6.4). */
function placeBefore(orientation: number, x: number, y: number, width: number, height: number): [number, number] {
  const [right, bottom] = [width - 1, height - 1];
  const places: readonly [number, number][] = [
    [x, y],
    [right - x, y],
    [right - x, bottom - y],
    [x, bottom - y],
    [y, x],
    [y, bottom - x],
    [right - y, bottom - x],
    [right - y, x],
  ];
  return places[orientation - 1]!;
}
