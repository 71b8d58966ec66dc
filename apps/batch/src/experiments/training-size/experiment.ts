// Convolution against attention by the size of the training set: images and words, the same number of steps for each size.

import { type AttentionPattern, type EncoderConfig, randomStream } from "@saccade/attention-core";
import { shuffledBatches } from "@saccade/training";
import type { LabelledImages } from "../../records/labelled-images.ts";
import type { Experiment, ExperimentContext, ExperimentReport, PlotSeries } from "../experiment.ts";
import { percent } from "../statistics.ts";
import { readTaggerData, taggerBudget, taggerModel, taggerTraining, treebankFiles } from "../text/tagger.ts";
import { trainLabeller } from "../training/train-labeller.ts";
import { clothingFiles, clothingLabels, gatherImages, imageBatches, readClothing } from "./clothing.ts";
import { type ImageNetwork, imageNetworks, weightCount } from "./image-networks.ts";

/** The experiment. */
export const trainingSize: Experiment<Results> = {
  name: "training-size",
  summary: "attention against convolutions over 100 to 55,000 images and 251 to 12,544 sentences",
  data: [...clothingFiles, ...treebankFiles],
  minutes: { full: 14, quick: 0.5 },
  measure,
  report,
};

/** Accuracy of one kind of network by the size of its training set. */
interface Curve {
  readonly name: string;
  readonly weights: number;
  readonly accuracies: readonly number[];
}

interface Results {
  readonly images: {
    readonly sizes: readonly number[];
    readonly steps: number;
    readonly batch: number;
    readonly dev: number;
    readonly curves: readonly Curve[];
  };
  readonly sentences: {
    readonly sizes: readonly number[];
    readonly steps: number;
    readonly words: number;
    readonly dev: number;
    readonly curves: readonly Curve[];
  };
}

async function measure(context: ExperimentContext): Promise<Results> {
  return { images: await measureImages(context), sentences: await measureSentences(context) };
}

async function measureImages(context: ExperimentContext): Promise<Results["images"]> {
  const { quick, once, signal } = context;
  const { train, dev } = readClothing(context.data);
  signal.throwIfAborted();
  const sizes = cutSizes(quick ? [100, 300] : [100, 300, 1000, 3000, 10_000, 55_000], train.labels.length);
  const [steps, batch, measured] = quick ? [6, 32, 300] : [600, 64, dev.labels.length];
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

const wordNetworks: readonly {
  readonly name: string;
  readonly pattern: AttentionPattern;
  readonly changes: Partial<EncoderConfig>;
}[] = [
  {
    name: "attention, relative bias",
    pattern: { kind: "full" },
    changes: { positionBias: { kind: "relative", reach: 16 } },
  },
  {
    // Attention of a word to itself alone is a linear map: what is left is the convolution.
    name: "convolution of three words",
    pattern: { kind: "window", left: 0, right: 0 },
    changes: { convolution: { left: 1, right: 1, activation: "gelu" } },
  },
];

async function measureSentences(context: ExperimentContext): Promise<Results["sentences"]> {
  const { quick, once } = context;
  const budget = taggerBudget(quick);
  const sizes: number[] = [];
  const accuracies = wordNetworks.map((): number[] => []);
  let [weights, words]: [number[], number] = [[], 0];
  for (const wanted of quick ? [251, 600] : [251, 1254, 3763, 12_544]) {
    const data = readTaggerData(context.data, { ...budget, sentences: wanted });
    const size = data.train.length;
    if (size === sizes.at(-1)) continue;
    sizes.push(size);
    words = data.dev.reduce((sum, sentence) => sum + sentence.words.length, 0);
    weights = [];
    for (const [n, { name: network, pattern, changes }] of wordNetworks.entries()) {
      const name = `${network}, ${size.toLocaleString("en")} sentences`;
      const model = taggerModel(data, changes);
      const training = async (): Promise<{ accuracy: number; parameters: number }> => {
        const { accuracy, parameters } = await trainLabeller(
          context,
          taggerTraining(data, { ...budget, name, model, seed: 1 }, pattern),
        );
        return { accuracy, parameters };
      };
      const { accuracy, parameters } = await once(name, training);
      accuracies[n]!.push(accuracy);
      weights.push(parameters);
    }
  }
  return {
    sizes,
    steps: budget.steps,
    words: budget.words,
    dev: words,
    curves: wordNetworks.map(({ name }, n) => ({ name, weights: weights[n]!, accuracies: accuracies[n]! })),
  };
}

/** `sizes` that there is data for; the largest is all there is, if that is less. */
function cutSizes(sizes: readonly number[], most: number): number[] {
  return [...new Set(sizes.map((size) => Math.min(size, most)))];
}

function report({ images, sentences }: Results): ExperimentReport {
  const [patches, hybrid, convolutions] = images.curves as readonly [Curve, Curve, Curve];
  const [attention, convolution] = sentences.curves as readonly [Curve, Curve];
  return {
    title: "Convolution with little data, attention with much",
    claim:
      "with little data a convolutional network is better, with much data self-attention is (Dosovitskiy et al. 2021, figure 4, where the curves cross between 30 and 90 million images).",
    method: [
      `Fashion-MNIST, ${images.sizes.map(number).join(", ")} images, as many of each kind, the smaller sets within the larger: ${images.steps} steps of ${images.batch} images for every size, no augmentation, measured on ${number(images.dev)} others. Networks of about as many weights: ${images.curves.map(({ name, weights }) => `${name} (${number(weights)})`).join(", ")}.`,
      `UD English-EWT, ${sentences.sizes.map(number).join(", ")} sentences: a tagger of two layers, ${sentences.steps} steps of about ${sentences.words} words for every size, measured on ${number(sentences.dev)} words.`,
      "One seed each.",
    ],
    found: [
      gapSentence("Images, patches and attention", images.sizes, patches, convolutions, "images"),
      gapSentence("Images, convolutions and attention", images.sizes, hybrid, convolutions, "images"),
      gapSentence("Words, attention", sentences.sizes, attention, convolution, "sentences"),
    ],
    caveats: [
      "One seed: differences of less than about a point of images, or a third of a point of words, are noise.",
      "The paper's crossing is at tens of millions of images and of a transfer to other data; none of that is in reach here, and what is shown is the gap by size alone.",
      "The same steps for every size mean that 100 images are seen hundreds of times and 55,000 less than once: the right ends of the curves are under-trained, more so for attention.",
    ],
    tables: [
      curveTable(
        "Accuracy on images in percent, by the size of the training set",
        "images",
        images.sizes,
        images.curves,
      ),
      curveTable(
        "Accuracy on words in percent, by the size of the training set",
        "sentences",
        sentences.sizes,
        sentences.curves,
      ),
    ],
    plots: [
      curvePlot("images", "Kinds of clothing", "images to train on", "images with the right label, %", images),
      curvePlot("words", "Parts of speech", "sentences to train on", "words with the right tag, %", sentences),
    ],
  };
}

/** How far `ours` is from `theirs` at both ends, and whether they change places on the way. */
function gapSentence(subject: string, sizes: readonly number[], ours: Curve, theirs: Curve, unit: string): string {
  const gaps = ours.accuracies.map((accuracy, i) => accuracy - theirs.accuracies[i]!);
  const [first, last] = [gaps[0]!, gaps.at(-1)!];
  const points = (gap: number): string => `${(100 * Math.abs(gap)).toFixed(1)} points ${gap < 0 ? "behind" : "ahead"}`;
  const crosses = gaps.findIndex((gap) => gap > 0);
  const course =
    crosses > 0 && first < 0 && gaps.slice(crosses).every((gap) => gap > 0)
      ? `the curves cross between ${number(sizes[crosses - 1]!)} and ${number(sizes[crosses]!)}`
      : gaps.some((gap) => gap > 0) && gaps.some((gap) => gap < 0)
        ? "the curves change places more than once"
        : Math.abs(last) < Math.abs(first)
          ? "the gap closes, the curves do not cross"
          : "the gap does not close";
  return `${subject}: ${points(first)} of ${theirs.name} with ${number(sizes[0]!)} ${unit}, ${points(last)} with ${number(sizes.at(-1)!)}: ${course}.`;
}

function curveTable(
  title: string,
  unit: string,
  sizes: readonly number[],
  curves: readonly Curve[],
): ExperimentReport["tables"][number] {
  return {
    title,
    columns: [
      { title: "network" },
      { title: "weights", align: "right" },
      ...sizes.map((size) => ({ title: `${number(size)} ${unit}`, align: "right" as const })),
    ],
    rows: curves.map(({ name, weights, accuracies }) => [
      name,
      number(weights),
      ...accuracies.map((accuracy) => percent(accuracy, 1)),
    ]),
  };
}

function curvePlot(
  name: string,
  title: string,
  x: string,
  y: string,
  { sizes, curves }: { readonly sizes: readonly number[]; readonly curves: readonly Curve[] },
): ExperimentReport["plots"][number] {
  return {
    name,
    title: `${title}, by the size of the training set`,
    x: { title: x, kind: "log" },
    y: { title: y, kind: "linear" },
    series: curves.map((curve): PlotSeries => ({
      name: curve.name,
      points: curve.accuracies.map((accuracy, i) => ({ x: sizes[i]!, y: 100 * accuracy })),
    })),
  };
}

function number(value: number): string {
  return value.toLocaleString("en");
}
