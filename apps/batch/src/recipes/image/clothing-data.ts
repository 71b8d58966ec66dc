// The pictures of Fashion-MNIST, for recipes and tasks.

import type { DataFile } from "../../records/data-file.ts";
import { labelsBeside, type LabelledImages, readIdxImages } from "../../records/labelled-images.ts";
import type { RecipeRun } from "../recipe.ts";

/** The classes of Fashion-MNIST, in the order of its labels. */
export const clothingLabels: readonly string[] = [
  "T-shirt/top",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
];

/** Pictures to learn from, and others to measure by; the last is what `evaluate` is given. */
export const clothingFiles: { readonly train: string; readonly dev: string; readonly all: readonly string[] } = {
  train: "train-images-idx3-ubyte.gz",
  dev: "dev-images-idx3-ubyte.gz",
  all: [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "dev-labels-idx1-ubyte.gz",
    "dev-images-idx3-ubyte.gz",
  ],
};

/** For model cards. */
export const clothingSource =
  "Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, copyright 2017 Zalando SE, MIT licence)";

/** The pictures of a file of the data folder, with the labels beside it. Throws what `readIdxImages` throws. */
export function readClothing({ bytes }: Pick<RecipeRun, "bytes">, file: string): LabelledImages {
  const labels = labelsBeside(file);
  return readIdxImages(
    { name: file, bytes: bytes(file) },
    { name: labels, bytes: bytes(labels) },
    clothingLabels.length,
  );
}

/** The same of a file that a command names. */
export function readClothingFile(data: DataFile): LabelledImages {
  return readClothing({ bytes: (file) => (file === data.name ? data : data.beside(file)).bytes() }, data.name);
}
