// What a file says of itself before it is decoded. Decoders are given nothing but PNG and JPEG whose header is sound and
// whose pixels are allowed, so that a hostile file costs no more than reading it.

import { largestImagePixels } from "../pixels/image.ts";
import { ImageFormatError } from "./image-format-error.ts";
import type { ImageHeader } from "./header.ts";
import { readJpegHeader } from "./jpeg-header.ts";
import { readPngHeader } from "./png-header.ts";

/** How to decode. */
export interface DecodeOptions {
  /** More pixels than these are refused before anything is decoded. Default and most: `largestImagePixels`. */
  readonly maxPixels?: number;
  /** Rejects with its reason; a platform's decoder that has begun goes on in the background. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the header of a PNG or JPEG file. Throws `ImageFormatError` for another format, a header or a structure that breaks
 * the format's rules, sides of zero, more than `maxPixels` pixels, or more than the file can hold however well it is packed.
 */
export function readImageHeader(
  bytes: Uint8Array,
  { maxPixels = largestImagePixels }: DecodeOptions = {},
): ImageHeader {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("Cannot decode an image: bytes must be a Uint8Array");
  if (!Number.isSafeInteger(maxPixels) || maxPixels < 1 || maxPixels > largestImagePixels) {
    throw new RangeError(
      `Cannot decode an image: maxPixels must be an integer from 1 to ${largestImagePixels}, it is ${String(maxPixels)}`,
    );
  }
  const header = readPngHeader(bytes) ?? readJpegHeader(bytes);
  if (header === undefined) {
    const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new ImageFormatError(
      `Cannot decode an image: it must be PNG or JPEG, it begins with "${start}"`,
      "unknown-format",
    );
  }
  const { format, width, height, components, mostPixels } = header;
  if (width * height > maxPixels) {
    throw new ImageFormatError(
      `Cannot decode an image: it must have at most ${maxPixels} pixels, it has ${width} x ${height}`,
      "too-large",
    );
  }
  if (width * height > mostPixels) {
    throw new ImageFormatError(
      `Cannot decode an image: ${width} x ${height} pixels must be in its bytes, it has ${bytes.length}`,
      "malformed",
    );
  }
  return { format, width, height, components };
}
