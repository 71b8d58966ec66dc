// What a small colour photo shows, by 6,000 pictures of CIFAR-10: for tuning what the other recipes of this folder share, on
// pictures with a ground behind things. No weights of it are shipped: the pictures state no licence. Twenty epochs of seed 1
// come to 57.1 % of the 1,000 development pictures, still rising; forty have not been tried.

import { imageFeaturizer } from "@saccade/image-patches";
import { type LabelledImages, readCifarImages } from "../../records/labelled-images.ts";
import type { Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import type { AugmentSettings } from "./augment.ts";
import { blackOf, normalizeImages, pixelStatistics } from "./image-data.ts";
import { imageNetwork, type NetworkSettings } from "./image-network.ts";
import { imageSource } from "./image-source.ts";
import { type ImageSettings, trainImages } from "./train-images.ts";

const trainFile = "train.bin.gz";
const devFile = "dev.bin.gz";

/** The classes of CIFAR-10, in the order of its labels. */
export const cifarLabels: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

const network: NetworkSettings = {
  stages: [
    { width: 24, stride: 1 },
    { width: 48, stride: 2 },
    { width: 64, stride: 2 },
  ],
  layers: 2,
  heads: 4,
  feedForward: 2,
};

const settings: ImageSettings = {
  epochs: 40,
  images: 64,
  rate: 2e-3,
  warmup: 0.1,
  beta2: 0.99,
  decay: 0.05,
  averaging: 0.998,
  smoothing: 0.1,
  dropout: { branches: 0.1, pooled: 0.1 },
};

const augment: AugmentSettings = { mirror: true, shift: 4, erase: 0.3 };

/** The recipe of `image/cifar`. */
export const cifar: Recipe = {
  name: "image/cifar",
  summary: "which of ten things a small photo shows; for tuning, its weights are not shipped",
  data: [trainFile, devFile],
  card: {
    title: "Things in small colour photos",
    licence: "none stated for the data; not to be shipped",
    about: [
      "One of ten things for a photo of 32 × 32 pixels: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.",
      "Trained on 6,000 pictures of CIFAR-10 (Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images), decoded from JPEG copies. That is an eighth of its training part: figures are not to be compared with published ones. The epoch that did best on the other 1,000 pictures was kept.",
    ],
  },
  train: trainCifar,
};

async function trainCifar(run: RecipeRun): Promise<TrainedModel> {
  const read = (name: string): LabelledImages => readCifarImages({ name, bytes: run.bytes(name) });
  const trainPhotos = read(trainFile);
  const statistics = pixelStatistics(trainPhotos);
  const train = normalizeImages(trainPhotos, statistics);
  const dev = normalizeImages(read(devFile), statistics);
  const config = imageNetwork(
    "image/cifar",
    network,
    { kind: "set-label", labels: cifarLabels.length, pooling: { kind: "attention", heads: 1, projections: false } },
    cifarLabels,
    { rows: train.shape.rows, columns: train.shape.columns, channels: 3, ...statistics, background: [0, 0, 0] },
  );
  const featurizer = imageFeaturizer(config);
  const sourceOf = (set: typeof train) => imageSource(featurizer, set, set.shape, blackOf(statistics), augment);
  const { weights, metric } = await trainImages({
    name: "cifar",
    model: config.model,
    train: sourceOf(train),
    dev: sourceOf(dev),
    settings: { ...settings, epochs: run.epochs ?? settings.epochs },
    seed: run.seed,
    backend: run.backend,
    checkpoints: run.checkpoints,
    onProgress: run.onProgress,
    signal: run.signal,
  });
  return {
    config,
    weights,
    files: {},
    figures: [{ metric: "accuracy", value: metric, count: dev.labels.length, data: devFile }],
    storage: "f16",
  };
}
