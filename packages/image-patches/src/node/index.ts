// PNG and JPEG in Node, by sharp (libvips), which the application installs.

import { ImageFormatError } from "../decoding/image-format-error.ts";
import { type DecodeOptions, readImageHeader } from "../decoding/image-header.ts";
import { pngOfPixels } from "../decoding/png-header.ts";
import type { Image } from "../pixels/image.ts";
import { loadSharp } from "./sharp.ts";

export { ImageFormatError, type ImageFormatFault } from "../decoding/image-format-error.ts";
export type { DecodeOptions } from "../decoding/image-header.ts";
export type { Image } from "../pixels/image.ts";

/**
 * The pixels of a PNG or JPEG file: colours as they are stored, whatever profile they come with; 16 bits cut to 8; JPEG
 * turned as its EXIF data says, CMYK converted; of an animation the first frame. Rejects with `ImageFormatError`,
 * `TypeError` and `RangeError` for arguments that are none, the signal's reason, and an `Error` if sharp is not installed.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const { format, width, height, components } = readImageHeader(bytes, options);
  options.signal?.throwIfAborted();
  const sharp = await loadSharp();
  const file = format === "png" ? pngOfPixels(bytes) : bytes;
  const hasInks = format === "jpeg" && components === 4;
  try {
    const image = sharp(file, { failOn: "error", limitInputPixels: width * height, ignoreIcc: true }).autoOrient();
    const coloured = hasInks
      ? image.pipelineColourspace("cmyk").toColourspace("cmyk")
      : image.toColourspace("srgb").ensureAlpha();
    const { data, info } = await coloured.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    options.signal?.throwIfAborted();
    if (hasInks) mixInks(data);
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { data: pixels, width: info.width, height: info.height };
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new ImageFormatError(`Cannot decode an image: ${(cause as Error).message}`, "malformed", { cause });
  }
}

/** Inks [P, 4] to opaque colours, in place, as browsers do it without a profile: (1 - ink) · (1 - black). */
function mixInks(data: Uint8Array): void {
  for (let at = 0; at < data.length; at += 4) {
    const light = (255 - data[at + 3]!) / 255;
    for (let ink = at; ink < at + 3; ink += 1) data[ink] = Math.round((255 - data[ink]!) * light);
    data[at + 3] = 255;
  }
}
