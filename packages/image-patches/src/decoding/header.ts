// What is known of a file before it is decoded, whatever its format.

import { ImageFormatError } from "./image-format-error.ts";

/** The beginning of an image file. */
export interface ImageHeader {
  readonly format: "png" | "jpeg";
  /** As stored: a JPEG whose orientation is turned by its EXIF data is decoded with sides exchanged. */
  readonly width: number;
  readonly height: number;
  /** Numbers stored of each pixel; of a JPEG four are inks: cyan, magenta, yellow, black. */
  readonly components: number;
}

/** A header, and the most pixels that a file of that many bytes can hold. */
export interface BoundedHeader extends ImageHeader {
  readonly mostPixels: number;
}

/** An error for a file that breaks the rules of its format. */
export function malformed(format: "PNG" | "JPEG", rule: string): ImageFormatError {
  return new ImageFormatError(`Cannot decode an image: ${format} ${rule}`, "malformed");
}
