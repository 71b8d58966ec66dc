// Weights of patches as a map of the size of the image.

import type { Grid } from "@saccade/attention-core";
import type { Image } from "../pixels/image.ts";
import { type ImageFormat, placeOf } from "../pixels/image-rows.ts";
import { resize } from "../pixels/resize.ts";

/** A number for each pixel of an image. */
export interface HeatMap {
  /** [height · width], as large as the weights that they come from, but for what smoothing takes off. */
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Weights of patches [rows · columns] over an image, bilinear between the centres of patches; those of a class token before
 * them are left out. `format` is the model's, which says where the image stands in what the model reads; left out, it
 * fills it. Throws `RangeError` for another number of weights.
 */
export function heatMap(
  weights: ArrayLike<number>,
  grid: Grid,
  image: Pick<Image, "width" | "height">,
  format?: Pick<ImageFormat, "rows" | "columns" | "fit">,
): HeatMap {
  const [rows, columns] = grid;
  const token = weights.length - rows * columns;
  if (token !== 0 && token !== 1) {
    throw new RangeError(
      `Cannot make a heat map: there must be a weight for each of ${rows} x ${columns} patches, there are ${weights.length}`,
    );
  }
  const values = Float32Array.from({ length: rows * columns }, (_, p) => weights[token + p]!);
  const { width, height } = image;
  const ofPatches = { values, width: columns, height: rows, channels: 1 };
  if (format?.fit !== "contain") return { values: resize(ofPatches, height, width).values, width, height };
  const [top, left, innerHeight, innerWidth] = placeOf(image, format);
  const whole = resize(ofPatches, format.rows, format.columns);
  const inner = new Float32Array(innerHeight * innerWidth);
  for (let y = 0; y < innerHeight; y += 1) {
    const start = (top + y) * format.columns + left;
    inner.set(whole.values.subarray(start, start + innerWidth), y * innerWidth);
  }
  const cropped = { values: inner, width: innerWidth, height: innerHeight, channels: 1 };
  return { values: resize(cropped, height, width).values, width, height };
}

/**
 * A heat map over the image that it belongs to, or alone: the image in grey, and red the stronger the larger the value, the
 * largest opaque. Throws `RangeError` if the image is of another size.
 */
export function paintHeatMap({ values, width, height }: HeatMap, image?: Image): Image {
  if (image && (image.width !== width || image.height !== height)) {
    throw new RangeError(
      `Cannot paint a heat map: the image must be ${width} x ${height}, it is ${image.width} x ${image.height}`,
    );
  }
  const largest = values.reduce((most, value) => Math.max(most, value), 0) || 1;
  const data = new Uint8ClampedArray(width * height * 4);
  values.forEach((value, p) => {
    const heat = Math.max(0, value) / largest;
    const [red, green, blue] = image ? image.data.subarray(4 * p, 4 * p + 3) : [0, 0, 0];
    const grey = 0.299 * red! + 0.587 * green! + 0.114 * blue!;
    data[4 * p] = grey + heat * (255 - grey);
    data[4 * p + 1] = grey * (1 - heat);
    data[4 * p + 2] = grey * (1 - heat);
    data[4 * p + 3] = 255;
  });
  return { data, width, height };
}
