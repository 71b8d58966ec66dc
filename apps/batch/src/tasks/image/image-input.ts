// Records about images: the path of a PNG or JPEG file, as a line, a JSON string, or an object with `file`.

import { readFile } from "node:fs/promises";
import type { Image } from "@saccade/image-patches";
import { decodeImage } from "@saccade/image-patches/node";

/** The image of a record. Rejects with `TypeError` if it has none, and with what reading and decoding its file throws. */
export async function imageOf(record: unknown): Promise<Image> {
  const path = pathOf(record);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new Error(`Cannot read ${path}: it must be a file that can be read; ${(cause as Error).message}`, { cause });
  }
  return decodeImage(bytes);
}

function pathOf(record: unknown): string {
  if (typeof record === "string" && record.trim() !== "") return record.trim();
  if (typeof record === "object" && record !== null && !Array.isArray(record)) {
    const { file } = record as { readonly file?: unknown };
    if (typeof file === "string") return file;
  }
  throw new TypeError(
    'Cannot read record: it must be the path of a PNG or JPEG file, or an object with "file", a string; it is neither',
  );
}
