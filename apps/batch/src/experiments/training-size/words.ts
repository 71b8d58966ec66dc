// Convolution against attention by the number of sentences to train on, the same number of steps for each.

import type { AttentionPattern, EncoderConfig } from "@saccade/attention-core";
import type { Experiment, ExperimentContext, ExperimentReport } from "../experiment.ts";
import { readTaggerData, taggerBudget, taggerModel, taggerTraining, treebankFiles } from "../text/tagger.ts";
import { trainLabeller } from "../training/train-labeller.ts";
import { type Curve, curvePlot, curveTable, gapSentence, number } from "./curves.ts";

/** The experiment. */
export const trainingSizeWords: Experiment<Results> = {
  name: "training-size-words",
  summary: "attention against convolutions over 251 to 12,544 sentences",
  data: treebankFiles,
  minutes: { full: 2, quick: 0.2 },
  measure,
  report,
};

interface Results {
  readonly sizes: readonly number[];
  readonly steps: number;
  readonly words: number;
  readonly dev: number;
  readonly curves: readonly Curve[];
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

async function measure(context: ExperimentContext): Promise<Results> {
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

function report({ sizes, steps, words, dev, curves }: Results): ExperimentReport {
  const [attention, convolution] = curves as readonly [Curve, Curve];
  return {
    title: "Convolution with few sentences, attention with many",
    claim: "with little data a convolutional network is better, with much data self-attention is.",
    method: [
      `UD English-EWT, ${sizes.map(number).join(", ")} sentences, the smaller sets within the larger: a tagger of two layers with attention over the sentence and a relative bias, or with a convolution of three words in place of it; ${steps} steps of about ${words} words for every size, measured on ${number(dev)} words. One seed each.`,
    ],
    found: [gapSentence("Attention", sizes, attention, convolution, "sentences")],
    caveats: [
      "One seed: differences of less than about a third of a point are noise.",
      "The same steps for every size mean that few sentences are seen a hundred times and all of them twice: the right ends of the curves are under-trained.",
      "The number of weights differs a little by the size too, since the table has only the features that the sentences ask for.",
    ],
    tables: [curveTable("Accuracy in percent, by the size of the training set", "sentences", sizes, curves)],
    plots: [
      curvePlot("accuracy", "Parts of speech", "sentences to train on", "words with the right tag, %", {
        sizes,
        curves,
      }),
    ],
  };
}
