// Convolution against attention by the number of images to train on, the same number of steps for each.

import { randomStream } from "@saccade/attention-core";
import { shuffledBatches } from "@saccade/training";
import type { LabelledImages } from "../../records/labelled-images.ts";
import type { Experiment, ExperimentContext, ExperimentReport } from "../experiment.ts";
import { trainLabeller } from "../training/train-labeller.ts";
import { clothingFiles, clothingLabels, gatherImages, imageBatches, readClothing } from "./clothing.ts";
import { type Curve, curvePlot, curveTable, gapSentence, number } from "./curves.ts";
import { type ImageNetwork, imageNetworks, weightCount } from "./image-networks.ts";

/** The experiment. */
export const trainingSizeImages: Experiment<Results> = {
  name: "training-size-images",
  summary: "attention against convolutions over 100 to 55,000 images",
  data: clothingFiles,
  minutes: { full: 6, quick: 0.2 },
  measure,
  report,
};

interface Results {
  readonly sizes: readonly number[];
  readonly steps: number;
  readonly batch: number;
  readonly dev: number;
  readonly curves: readonly Curve[];
}

async function measure(context: ExperimentContext): Promise<Results> {
  const { quick, once, signal } = context;
  const { train, dev } = readClothing(context.data);
  signal.throwIfAborted();
  const sizes = cutSizes(quick ? [100, 300] : [100, 300, 1000, 3000, 10_000, 55_000], train.labels.length);
  const [steps, batch, measured] = quick ? [6, 32, 300] : [300, 64, 2000];
  const networks = imageNetworks(train.rows, clothingLabels);
  const curves: Curve[] = [];
  for (const network of networks) {
    const accuracies: number[] = [];
    for (const size of sizes) {
      const name = `${network.name}, ${size.toLocaleString("en")} images`;
      const training = async (): Promise<number> =>
        trainImages(context, { name, network, train, dev, size, steps, batch, measured });
      accuracies.push(await once(name, training));
    }
    curves.push({ name: network.name, weights: weightCount(network), accuracies });
  }
  return { sizes, steps, batch, dev: Math.min(measured, dev.labels.length), curves };
}

interface ImageTraining {
  readonly name: string;
  readonly network: ImageNetwork;
  readonly train: LabelledImages;
  readonly dev: LabelledImages;
  /** Images of `train` that are used. */
  readonly size: number;
  readonly steps: number;
  readonly batch: number;
  /** Images of `dev` that are measured. */
  readonly measured: number;
}

async function trainImages(context: ExperimentContext, training: ImageTraining): Promise<number> {
  const { name, network, train, dev, size, steps, batch } = training;
  const kept = drawImages(train.labels, size, 1);
  const { accuracy } = await trainLabeller(context, {
    name,
    model: network.model,
    batches: shuffledBatches(
      kept.map(() => 1),
      { positions: batch, seed: 1 },
    ),
    gather: (numbers) =>
      gatherImages(
        train,
        numbers.map((n) => kept[n]!),
        network,
      ),
    dev: imageBatches(dev, Math.min(training.measured, dev.labels.length), 250, network),
    steps,
    rate: 3e-3,
    dropout: 0.1,
    seed: 1,
  });
  return accuracy;
}

/** Numbers of `size` images, as many of each label as there are labels to go round; those of a smaller size are among them. */
export function drawImages(labels: Uint8Array, size: number, seed: number): Int32Array {
  const random = randomStream(seed, "images");
  const order = Int32Array.from({ length: labels.length }, (_, n) => n);
  for (let i = order.length - 1; i > 0; i -= 1) {
    const other = Math.floor(random.uniform() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  // The place of each image among those of its label: in that order every label has its turn.
  const turns = new Map<number, number>();
  const turnOf = new Map<number, number>();
  for (const n of order) {
    const turn = turns.get(labels[n]!) ?? 0;
    turns.set(labels[n]!, turn + 1);
    turnOf.set(n, turn);
  }
  return order.toSorted((a, b) => turnOf.get(a)! - turnOf.get(b)!).slice(0, size);
}

/** `sizes` that there is data for; the largest is all there is, if that is less. */
function cutSizes(sizes: readonly number[], most: number): number[] {
  return [...new Set(sizes.map((size) => Math.min(size, most)))];
}

function report({ sizes, steps, batch, dev, curves }: Results): ExperimentReport {
  const [patches, hybrid, convolutions] = curves as readonly [Curve, Curve, Curve];
  return {
    title: "Convolution with few images, attention with many",
    claim:
      "with little data a convolutional network is better, with much data self-attention is (Dosovitskiy et al. 2021, figure 4, where the curves cross between 30 and 90 million images).",
    method: [
      `Fashion-MNIST, ${sizes.map(number).join(", ")} images, as many of each kind, the smaller sets within the larger: ${steps} steps of ${batch} images for every size, no augmentation, measured on ${number(dev)} others. Networks of about as many weights: ${curves.map(({ name, weights }) => `${name} (${number(weights)})`).join(", ")}. One seed each.`,
    ],
    found: [
      gapSentence("Patches and attention", sizes, patches, convolutions, "images"),
      gapSentence("Convolutions and attention", sizes, hybrid, convolutions, "images"),
    ],
    caveats: [
      "One seed: differences of less than about a point are noise, more of that with 100 images.",
      "The paper's crossing is at tens of millions of images and of a transfer to other data; none of that is in reach here, and what is shown is the gap by size alone.",
      `The same steps for every size mean that each of ${number(sizes[0]!)} images is seen ${number((steps * batch) / sizes[0]!)} times and each of ${number(sizes.at(-1)!)} ${((steps * batch) / sizes.at(-1)!).toFixed(2)} times on average: the right ends of the curves are under-trained, more so for attention, which takes longer to learn what a convolution is told beforehand.`,
    ],
    tables: [curveTable("Accuracy in percent, by the size of the training set", "images", sizes, curves)],
    plots: [
      curvePlot("accuracy", "Kinds of clothing", "images to train on", "images with the right label, %", {
        sizes,
        curves,
      }),
    ],
  };
}
