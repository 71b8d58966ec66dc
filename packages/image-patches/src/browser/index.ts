// PNG and JPEG by the decoder of the browser, in a page or a worker.

import { ImageFormatError } from "../decoding/image-format-error.ts";
import { type DecodeOptions, readImageHeader } from "../decoding/image-header.ts";
import { pngOfPixels } from "../decoding/png-header.ts";
import type { Image } from "../pixels/image.ts";

export { ImageFormatError, type ImageFormatFault } from "../decoding/image-format-error.ts";
export type { DecodeOptions } from "../decoding/image-header.ts";
export type { Image } from "../pixels/image.ts";

/**
 * The pixels of a PNG or JPEG file: colours as they are stored, whatever profile they come with; JPEG turned as its EXIF
 * data says; of an animation the first frame. Colours of pixels that are not opaque may be off by what rounding takes when
 * they are multiplied by alpha. Rejects with `ImageFormatError`, `TypeError` and `RangeError` for arguments that are none,
 * and the signal's reason.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  const { format } = readImageHeader(bytes, options);
  options.signal?.throwIfAborted();
  const part = format === "png" ? pngOfPixels(bytes) : Uint8Array.from(bytes);
  const file = new Blob([part], { type: `image/${format}` });
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, {
      colorSpaceConversion: "none",
      imageOrientation: "from-image",
      premultiplyAlpha: "none",
    });
  } catch (cause) {
    throw new ImageFormatError(
      "Cannot decode an image: the browser's decoder must accept it, it does not",
      "malformed",
      {
        cause,
      },
    );
  }
  const { width, height } = bitmap;
  try {
    options.signal?.throwIfAborted();
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context)
      throw new Error(`Cannot decode an image: a canvas must hold ${width} x ${height} pixels, there is none`);
    context.drawImage(bitmap, 0, 0);
    return { data: context.getImageData(0, 0, width, height).data, width, height };
  } finally {
    bitmap.close();
  }
}
