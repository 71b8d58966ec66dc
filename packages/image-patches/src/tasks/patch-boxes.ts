// Patches as places in an image: the area that the model reads, cut into as many equal cells as there are patches.

import type { Grid } from "@saccade/attention-core";
import type { Image } from "../pixels/image.ts";
import { type ImageFormat, placeOf } from "../pixels/image-rows.ts";

/** A rectangle in the pixels of an image; they need not be whole. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box around the cells of some patches, within the image. */
export function boxOf(
  patches: readonly number[],
  [rows, columns]: Grid,
  image: Pick<Image, "width" | "height">,
  format: Pick<ImageFormat, "rows" | "columns" | "fit">,
): Box {
  const [top, left, height, width] = placeOf(image, format);
  const ofRow = patches.map((p) => Math.floor(p / columns));
  const ofColumn = patches.map((p) => p % columns);
  // From cells to what the model reads, to the image.
  const y = (row: number): number => clip(((row * format.rows) / rows - top) / height) * image.height;
  const x = (column: number): number => clip(((column * format.columns) / columns - left) / width) * image.width;
  const [from, to] = [y(Math.min(...ofRow)), y(Math.max(...ofRow) + 1)];
  const [start, end] = [x(Math.min(...ofColumn)), x(Math.max(...ofColumn) + 1)];
  return { left: start, top: from, width: end - start, height: to - from };
}

function clip(share: number): number {
  return Math.min(1, Math.max(0, share));
}
