// Images with a label each, from files: pairs of IDX files, and batches in CIFAR-10's binary layout.

import { IdxFormatError, readIdx, unpackGzip } from "./idx.ts";

/** Images of one size, and what each shows. */
export interface LabelledImages {
  /** 0 to 255 [N, rows, columns, channels], row-major. */
  readonly pixels: Uint8Array;
  /** Of each image. */
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** [N]. */
  readonly labels: Uint8Array;
}

/** Bytes, and the name of the file that they are of, for errors. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Grey images from an IDX file of images and one of labels, L of them. Throws `IdxFormatError` for files that are none,
 * that do not belong together, or with a label that is not below `labelCount`.
 */
export function readIdxImages(images: NamedBytes, labels: NamedBytes, labelCount: number): LabelledImages {
  const { values: pixels, shape } = readIdx(images.bytes, images.name);
  const found = readIdx(labels.bytes, labels.name);
  const [count = 0, rows = 0, columns = 0] = shape;
  const refuse = ({ name }: NamedBytes, rule: string): never => {
    throw new IdxFormatError(`Cannot read ${name}: ${rule}`, name);
  };
  if (shape.length !== 3 || rows === 0 || columns === 0) {
    refuse(images, `images must be in three dimensions, none zero in size; they are ${shape.join(" x ")}`);
  }
  if (found.shape.length !== 1) refuse(labels, `labels must be in one dimension, they are in ${found.shape.length}`);
  if (found.values.length !== count) {
    refuse(
      labels,
      `there must be a label for each of ${count} images of ${images.name}, there are ${found.values.length}`,
    );
  }
  const wrong = found.values.findIndex((label) => label >= labelCount);
  if (wrong >= 0) refuse(labels, `labels must be below ${labelCount}, label ${wrong} is ${found.values[wrong]}`);
  return { pixels, rows, columns, channels: 1, labels: found.values };
}

/**
 * The name of the labels' file that belongs to one of images, by the convention of MNIST: `images-idx3` becomes
 * `labels-idx1`. Throws `IdxFormatError` for a name without it.
 */
export function labelsBeside(images: string): string {
  if (images.includes("images-idx3")) return images.replace("images-idx3", "labels-idx1");
  throw new IdxFormatError(
    `Cannot find the labels of ${images}: its name must have "images-idx3", whose labels are beside it in "labels-idx1"; it has not`,
    images,
  );
}

const cifar = { side: 32, channels: 3, labels: 10 } as const;

/**
 * Colour images in CIFAR-10's binary layout, gzipped or not: for each a byte that is its label, then 1,024 of red, of green
 * and of blue (Krizhevsky 2009). Throws `IdxFormatError` for a file that is damaged or whose size is no multiple of 3,073.
 */
export function readCifarImages({ name, bytes }: NamedBytes): LabelledImages {
  const { side, channels } = cifar;
  const plane = side * side;
  const size = 1 + channels * plane;
  const plain = unpackGzip(bytes, name);
  if (plain.length % size !== 0) {
    throw new IdxFormatError(
      `Cannot read ${name}: it must be a multiple of ${size} bytes, it has ${plain.length}`,
      name,
    );
  }
  const count = plain.length / size;
  const pixels = new Uint8Array(count * channels * plane);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n += 1) {
    labels[n] = plain[n * size]!;
    if (labels[n]! >= cifar.labels) {
      throw new IdxFormatError(
        `Cannot read ${name}: labels must be below ${cifar.labels}, label ${n} is ${labels[n]}`,
        name,
      );
    }
    for (let channel = 0; channel < channels; channel += 1) {
      const from = n * size + 1 + channel * plane;
      for (let i = 0; i < plane; i += 1) pixels[(n * plane + i) * channels + channel] = plain[from + i]!;
    }
  }
  return { pixels, rows: side, columns: side, channels, labels };
}
