// Weights of patches as a map of the size of the image.

import type { Grid } from "@saccade/attention-core";
import type { Image } from "../pixels/image.ts";
import { type ImageFormat, placeOf } from "../pixels/image-rows.ts";

/** A number for each pixel of an image. */
export interface HeatMap {
  /** [height · width], between the smallest and the largest weight. */
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
  const { width, height } = image;
  const { rows: modelRows, columns: modelColumns } = format ?? { rows, columns };
  const [top, left, innerHeight, innerWidth] = format ? placeOf(image, format) : [0, 0, rows, columns];
  // From the centres of pixels to what the model reads, to the centres of patches.
  const down = axis(height, innerHeight, top, rows / modelRows, rows);
  const along = axis(width, innerWidth, left, columns / modelColumns, columns);
  const values = new Float32Array(width * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    const [upper, lower, ofLower] = down(y);
    for (let x = 0; x < width; x += 1, at += 1) {
      const [before, after, ofAfter] = along(x);
      const onLine = (row: number): number => {
        const first = token + row * columns;
        return weights[first + before]! * (1 - ofAfter) + weights[first + after]! * ofAfter;
      };
      values[at] = onLine(upper) * (1 - ofLower) + onLine(lower) * ofLower;
    }
  }
  return { values, width, height };
}

/** The patches between whose centres a pixel lies, and how near it is to the second. */
type Between = readonly [first: number, second: number, ofSecond: number];

function axis(
  pixels: number,
  inner: number,
  before: number,
  perModel: number,
  patches: number,
): (pixel: number) => Between {
  const table = Array.from({ length: pixels }, (_, pixel): Between => {
    const place = (before + ((pixel + 0.5) / pixels) * inner) * perModel - 0.5;
    const first = Math.min(patches - 1, Math.max(0, Math.floor(place)));
    return [first, Math.min(patches - 1, first + 1), Math.min(1, Math.max(0, place - first))];
  });
  return (pixel) => table[pixel]!;
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
