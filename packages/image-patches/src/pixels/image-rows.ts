// From an image of any size to the numbers that a model reads.

import { checkInteger, checkKind, checkOneOf } from "@saccade/attention-core";
import { checkImage, type Image } from "./image.ts";
import { type ChannelSettings, greyWeights, type Raster, readRow } from "./raster.ts";
import { resizeRows } from "./resize.ts";

/** What a model sees of an image. */
export interface ImageFormat extends ChannelSettings {
  /** Rows and columns that it is resized to. */
  readonly rows: number;
  readonly columns: number;
  /** Of each channel, where 0 is black and 1 is full: what is subtracted, and what it is then divided by. */
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /**
   * `stretch` (default) fills rows and columns whatever the shape; `contain` keeps the shape, in the middle of the
   * background.
   */
  readonly fit?: "stretch" | "contain";
}

/** Whether an image is turned to its negative, colours to 255 - colour, before anything else is done with it. */
export type Inversion =
  | "never"
  | "always"
  /** If its border is nearer to white than to black: for models of light things on a dark ground. */
  | "light-ground";

/**
 * The numbers of an image [rows · columns, channels]: composited over the background, made grey if there is one channel,
 * resized as `resize` does, divided by 255, less `mean`, divided by `scale`. Throws what `checkImage` throws.
 */
export function imageRows(image: Image, format: ImageFormat, inversion: Inversion = "never"): Float32Array {
  checkImage("read an image", image);
  const { rows, columns } = format;
  const [top, left, height, width] = placeOf(image, format);
  const inverted = inversion === "always" || (inversion === "light-ground" && hasLightBorder(image, format));
  const source = inverted ? invert(image) : image;
  const small = resizeRows(
    {
      width: source.width,
      height: source.height,
      channels: format.channels,
      readRow: (y, row) => readRow(source, format, y, row),
    },
    height,
    width,
  );
  const whole = height === rows && width === columns ? small : surround(small, format, top, left);
  return normalise(whole, format);
}

/** (value / 255 - mean) / scale of each channel: [height · width, channels]. */
export function normalise(
  { values, channels }: Raster,
  { mean, scale }: Pick<ImageFormat, "mean" | "scale">,
): Float32Array {
  return values.map((value, i) => (value / 255 - mean[i % channels]!) / scale[i % channels]!);
}

/** Where the image stands in the model's rows and columns: top, left, height, width. */
export function placeOf(
  { width, height }: Pick<Image, "width" | "height">,
  { rows, columns, fit = "stretch" }: Pick<ImageFormat, "rows" | "columns" | "fit">,
): readonly [top: number, left: number, height: number, width: number] {
  if (fit === "stretch") return [0, 0, rows, columns];
  const factor = Math.min(rows / height, columns / width);
  const innerHeight = Math.min(rows, Math.max(1, Math.round(height * factor)));
  const innerWidth = Math.min(columns, Math.max(1, Math.round(width * factor)));
  return [Math.floor((rows - innerHeight) / 2), Math.floor((columns - innerWidth) / 2), innerHeight, innerWidth];
}

/** Throws `TypeError` or `RangeError` unless `format` describes what a model sees. */
export function checkImageFormat(subject: string, format: ImageFormat): void {
  checkKind(subject, "image", format, "object");
  const { rows, columns, channels, mean, scale, background, fit } = format;
  checkInteger(subject, "image.rows", rows, 1, 4096);
  checkInteger(subject, "image.columns", columns, 1, 4096);
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot use ${subject}: image.channels must be 1 or 3, it is ${String(channels)}`);
  }
  if (fit !== undefined) checkOneOf(subject, "image.fit", fit, ["stretch", "contain"]);
  checkNumbers(subject, "image.mean", mean, channels);
  checkNumbers(subject, "image.scale", scale, channels);
  checkNumbers(subject, "image.background", background, 3);
  if (scale.includes(0)) throw new RangeError(`Cannot use ${subject}: image.scale must not be 0, it is`);
}

function checkNumbers(subject: string, name: string, numbers: readonly number[], count: number): void {
  if (!Array.isArray(numbers) || numbers.length !== count || !numbers.every((each) => Number.isFinite(each))) {
    throw new TypeError(`Cannot use ${subject}: ${name} must be ${count} finite numbers, it is ${String(numbers)}`);
  }
}

/** The raster in the middle of background. */
function surround(small: Raster, format: ImageFormat, top: number, left: number): Raster {
  const { rows, columns, channels, background } = format;
  const [red, green, blue] = background;
  const around = channels === 3 ? background : [greyWeights[0] * red + greyWeights[1] * green + greyWeights[2] * blue];
  const values = Float32Array.from({ length: rows * columns * channels }, (_, i) => around[i % channels]!);
  for (let y = 0; y < small.height; y += 1) {
    const line = small.values.subarray(y * small.width * channels, (y + 1) * small.width * channels);
    values.set(line, ((top + y) * columns + left) * channels);
  }
  return { values, width: columns, height: rows, channels };
}

function invert({ data, width, height }: Image): Image {
  return { data: Uint8Array.from(data, (value, i) => (i % 4 === 3 ? value : 255 - value)), width, height };
}

/** Whether the mean grey of the outermost pixels is above the middle. */
function hasLightBorder(image: Image, { background }: ImageFormat): boolean {
  const { width, height } = image;
  const row = new Float32Array(width);
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y += 1) {
    readRow(image, { channels: 1, background }, y, row);
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step, count += 1) sum += row[x]!;
  }
  return sum > 127.5 * count;
}
