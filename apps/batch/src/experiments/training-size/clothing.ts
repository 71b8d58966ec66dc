// Fashion-MNIST for experiments: images in the order of the file, and the batches that each kind of network reads.

import { type Features, gridWindows } from "@saccade/attention-core";
import type { DataFile } from "../../records/data-file.ts";
import { type LabelledImages, readIdxImages } from "../../records/labelled-images.ts";
import type { LabelledBatch } from "../training/train-labeller.ts";
import type { ImageNetwork } from "./image-networks.ts";

/** Files of the images, from the folder of `--data`. */
export const clothingFiles = [
  "fashion-mnist/train-images-idx3-ubyte.gz",
  "fashion-mnist/train-labels-idx1-ubyte.gz",
  "fashion-mnist/dev-images-idx3-ubyte.gz",
  "fashion-mnist/dev-labels-idx1-ubyte.gz",
] as const;

/** L, kinds of clothing. */
export const clothingLabels = 10;

/** Of the pixels of the training images, as shares of 255 (the README of Fashion-MNIST's data and ours agree). */
const [mean, deviation] = [0.286, 0.353];

/** The images for training and for measuring. */
export function readClothing(data: (path: string) => DataFile): {
  readonly train: LabelledImages;
  readonly dev: LabelledImages;
} {
  const read = (images: string, labels: string): LabelledImages => {
    const named = (path: string): { readonly name: string; readonly bytes: Uint8Array } => {
      const file = data(path);
      return { name: file.name, bytes: file.bytes() };
    };
    return readIdxImages(named(images), named(labels), clothingLabels);
  };
  const [trainImages, trainLabels, devImages, devLabels] = clothingFiles;
  return { train: read(trainImages, trainLabels), dev: read(devImages, devLabels) };
}

/** The images of these numbers as a batch for `network`. */
export function gatherImages(images: LabelledImages, numbers: ArrayLike<number>, network: ImageNetwork): LabelledBatch {
  const { rows, columns, labels } = images;
  const size = rows * columns;
  const count = numbers.length;
  const pixels = new Float32Array(count * size);
  for (let n = 0; n < count; n += 1) {
    const from = numbers[n]! * size;
    for (let i = 0; i < size; i += 1) pixels[n * size + i] = (images.pixels[from + i]! / 255 - mean) / deviation;
  }
  return {
    features: featuresOf(pixels, count, [rows, columns], network),
    labels: Int32Array.from({ length: count }, (_, n) => labels[numbers[n]!]!),
  };
}

/** The first `count` images in batches of at most `most`. */
export function imageBatches(
  images: LabelledImages,
  count: number,
  most: number,
  network: ImageNetwork,
): LabelledBatch[] {
  return Array.from({ length: Math.ceil(count / most) }, (_, batch) =>
    gatherImages(
      images,
      Array.from({ length: Math.min(most, count - batch * most) }, (__, n) => batch * most + n),
      network,
    ),
  );
}

/** Pixels [count · rows · columns, 1] and the tables of the network's convolutions, the last of which gives the positions. */
function featuresOf(
  pixels: Float32Array,
  count: number,
  grid: readonly [number, number],
  { stages }: ImageNetwork,
): Features {
  let grids = Array.from({ length: count }, () => grid);
  let offsets = new Int32Array(1);
  const convolutions: Int32Array[] = [];
  for (const { size, stride, padding } of stages) {
    const windows = gridWindows(grids, {
      size: [size, size],
      stride: [stride, stride],
      padding: [padding, padding, padding, padding],
    });
    convolutions.push(windows.windows);
    grids = [...windows.grids];
    offsets = Int32Array.from(windows.offsets);
  }
  return { offsets, values: pixels, convolutions, pattern: { kind: "full" } };
}
