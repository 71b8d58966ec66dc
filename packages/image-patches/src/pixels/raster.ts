// Numbers of pixels: what is resized and normalised. Bytes of colour become them here.

import { checkImage, type Image } from "./image.ts";

/** Numbers of pixels, row by row, the channels of a pixel side by side. */
export interface Raster {
  /** [height · width, channels]. */
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** How colours become channels. */
export interface ChannelSettings {
  /** One is grey: 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601); three are red, green and blue. */
  readonly channels: 1 | 3;
  /** What stands behind pixels that are not opaque: red, green, blue, 0 to 255. */
  readonly background: readonly [red: number, green: number, blue: number];
}

/** The weights of red, green and blue in grey: ITU-R BT.601, as JPEG and most libraries take them. */
export const greyWeights: readonly [number, number, number] = [0.299, 0.587, 0.114];

/**
 * The numbers of an image, 0 to 255: colour · alpha + background · (1 - alpha), then grey if one channel is asked for.
 * Colours are taken as they are stored, gamma included, and nothing is rounded. Throws what `checkImage` throws.
 */
export function rasterOf(image: Image, settings: ChannelSettings): Raster {
  checkImage("read pixels", image);
  const { width, height } = image;
  const { channels } = settings;
  const values = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y += 1) readRow(image, settings, y, values.subarray(y * width * channels));
  return { values, width, height, channels };
}

/** Row `y` of an image into `row` [width, channels], as `rasterOf` says. */
export function readRow(
  { data, width }: Image,
  { channels, background }: ChannelSettings,
  y: number,
  row: Float32Array,
): void {
  const [backRed, backGreen, backBlue] = background;
  const [ofRed, ofGreen, ofBlue] = greyWeights;
  for (let x = 0, at = y * width * 4, to = 0; x < width; x += 1, at += 4, to += channels) {
    const alpha = data[at + 3]! / 255;
    const red = data[at]! * alpha + backRed * (1 - alpha);
    const green = data[at + 1]! * alpha + backGreen * (1 - alpha);
    const blue = data[at + 2]! * alpha + backBlue * (1 - alpha);
    if (channels === 1) row[to] = ofRed * red + ofGreen * green + ofBlue * blue;
    else {
      row[to] = red;
      row[to + 1] = green;
      row[to + 2] = blue;
    }
  }
}
