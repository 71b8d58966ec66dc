// Images in numbers, as a network reads them: bytes to shares of white, then by the mean and standard deviation of the
// training images.

import type { LabelledImages } from "../../records/labelled-images.ts";
import type { ImageShape } from "./augment.ts";

/** By channel, of shares of white 0 .. 1. */
export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** Normalised images with their labels. */
export interface ImageSet {
  /** [N, rows, columns, channels]. */
  readonly values: Float32Array;
  readonly shape: ImageShape;
  /** [N]. */
  readonly labels: Uint8Array;
}

/** Mean and standard deviation of each channel, rounded to four digits: they stand in config.json. */
export function pixelStatistics({ pixels, channels }: LabelledImages): PixelStatistics {
  const each = Array.from({ length: channels }, (_, channel) => {
    let [sum, squares] = [0, 0];
    for (let i = channel; i < pixels.length; i += channels) {
      const value = pixels[i]! / 255;
      sum += value;
      squares += value * value;
    }
    const mean = sum / (pixels.length / channels);
    return { mean, scale: Math.sqrt(squares / (pixels.length / channels) - mean * mean) };
  });
  return {
    mean: each.map(({ mean }) => round(mean)),
    scale: each.map(({ scale }) => round(scale)),
  };
}

/** The images, normalised: (byte / 255 - mean) / scale. */
export function normalizeImages(images: LabelledImages, { mean, scale }: PixelStatistics): ImageSet {
  const { pixels, rows, columns, channels, labels } = images;
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 1) {
    const channel = i % channels;
    values[i] = (pixels[i]! / 255 - mean[channel]!) / scale[channel]!;
  }
  return { values, shape: { rows, columns, channels }, labels };
}

/** What black is after `normalizeImages`, by channel. */
export function blackOf({ mean, scale }: PixelStatistics): readonly number[] {
  return mean.map((each, channel) => -each / scale[channel]!);
}

/** To four digits. */
function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
