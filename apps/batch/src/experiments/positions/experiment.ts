// Positions: what attention cannot know without them, and what they are worth on English words.

import { asyncDispose, type EncoderConfig } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import type { Experiment, ExperimentContext, ExperimentReport, PlotSeries } from "../experiment.ts";
import { percentSpread, spreadOf } from "../statistics.ts";
import {
  describeTagger,
  devBatches,
  readTaggerData,
  taggerBudget,
  taggerModel,
  taggerTraining,
  treebankFiles,
} from "../text/tagger.ts";
import { trainEach } from "../training/train-each.ts";
import { accuracyOf, trainLabeller } from "../training/train-labeller.ts";
import { sawNetworks, type SawResult, seeSaw } from "./saw.ts";
import { shuffleWords } from "./shuffled-words.ts";

/** The experiment. */
export const positions: Experiment<Results> = {
  name: "positions",
  summary: "I saw a saw, and a tagger with and without positions, on words in order and shuffled",
  data: treebankFiles,
  minutes: { full: 4, quick: 0.3 },
  measure,
  report,
};

interface Variant {
  readonly name: string;
  readonly changes: Partial<EncoderConfig>;
}

/** Accuracy on words in their order, and shuffled. */
interface Figures {
  readonly straight: number;
  readonly shuffled: number;
}

interface Results {
  readonly tagger: string;
  readonly seeds: number;
  readonly saw: readonly ({ readonly name: string } & SawResult)[];
  readonly trained: readonly { readonly name: string; readonly figures: readonly Figures[] }[];
}

async function measure(context: ExperimentContext): Promise<Results> {
  const { backend, quick, signal } = context;
  const reference = createReferenceBackend();
  const saw: Results["saw"][number][] = [];
  try {
    for (const network of sawNetworks) saw.push({ name: network.name, ...(await seeSaw(reference, network, 1)) });
  } finally {
    await reference[asyncDispose]();
  }
  const budget = taggerBudget(quick);
  const data = readTaggerData(context.data, budget);
  signal.throwIfAborted();
  const longest = [...data.train, ...data.dev].reduce((most, { words }) => Math.max(most, words.length), 1);
  const variants: Variant[] = [
    { name: "none", changes: {} },
    { name: "sinusoidal", changes: { positions: { kind: "sinusoidal" } } },
    { name: "learned", changes: { positions: { kind: "learned", count: longest } } },
    { name: "relative bias", changes: { positionBias: { kind: "relative", reach: 16 } } },
  ];
  const shuffled = devBatches(shuffleWords(data.dev, 1));
  const seeds = quick ? 1 : 3;
  const trained = await trainEach(context, variants, seeds, async ({ changes }, seed, name): Promise<Figures> => {
    const model = taggerModel(data, changes);
    const { weights, accuracy } = await trainLabeller(context, taggerTraining(data, { ...budget, name, model, seed }));
    return { straight: accuracy, shuffled: await accuracyOf({ backend, signal }, model, weights, shuffled) };
  });
  return {
    tagger: describeTagger(data, budget),
    seeds,
    saw,
    trained: trained.map(({ variant, results }) => ({ name: variant.name, figures: results })),
  };
}

function report({ tagger, seeds, saw, trained }: Results): ExperimentReport {
  const rows = trained.map(({ name, figures }) => ({
    name,
    straight: spreadOf(figures.map((figure) => figure.straight)),
    shuffled: spreadOf(figures.map((figure) => figure.shuffled)),
  }));
  const [none, ...others] = rows as [(typeof rows)[number], ...typeof rows];
  const best = others.reduce((a, b) => (b.straight.mean > a.straight.mean ? b : a));
  const points = (from: number, to: number): string => (100 * (to - from)).toFixed(1);
  return {
    title: "Attention without positions sees a set",
    claim:
      "a fully connected layer must give the same tag to both words of `I saw a saw`; self-attention need not, but it takes positions, since attention alone does not know the order of its inputs.",
    method: [
      "First the sentence itself, through two layers of drawn weights on the reference backend: how far apart the results for the two words `saw` are, and how far those for the same words in another order.",
      tagger,
      `${seeds === 1 ? "One seed" : `${seeds} seeds`} for each kind of positions; each network is then also measured with the words of every sentence shuffled, labels going with their words.`,
    ],
    found: [
      `Seeing each word alone and attention without positions give both words \`saw\` the same result to the bit; every kind of positions, and a causal mask too, tells them apart.`,
      `Trained, the network without positions is right in ${percentSpread(none.straight)} % of the words in their order, and in ${percentSpread(none.shuffled)} % with the words shuffled: order is nothing to it.`,
      `The best, ${best.name}, is right in ${percentSpread(best.straight)} %, ${points(none.straight.mean, best.straight.mean)} points more; shuffling the words costs it ${points(best.shuffled.mean, best.straight.mean)} points.`,
    ],
    caveats: [
      "The tagger has no convolution, which would tell it of neighbours without any positions; the one that is shipped has both.",
      "Which kind of positions wins may depend on the budget, which is small, and on the learning rate, which was chosen with a relative bias.",
    ],
    tables: [
      {
        title: "`I saw a saw`: largest differences between results",
        columns: [
          { title: "network" },
          { title: "the two `saw`", align: "right" },
          { title: "after permuting the words", align: "right" },
        ],
        rows: saw.map(({ name, apart, moved }) => [name, difference(apart), difference(moved)]),
      },
      {
        title: "Accuracy of the tagger in percent",
        columns: [
          { title: "positions" },
          { title: "words in order", align: "right" },
          { title: "words shuffled", align: "right" },
        ],
        rows: rows.map(({ name, straight, shuffled }) => [name, percentSpread(straight), percentSpread(shuffled)]),
      },
    ],
    plots: [
      {
        name: "accuracy",
        title: "A tagger by the kind of its positions",
        x: { title: "positions", kind: "categories" },
        y: { title: "words with the right tag, %", kind: "linear" },
        series: (["straight", "shuffled"] as const).map((order): PlotSeries => ({
          name: order === "straight" ? "words in order" : "words shuffled",
          points: rows.map((row) => ({
            x: row.name,
            y: 100 * row[order].mean,
            low: 100 * (row[order].mean - row[order].deviation),
            high: 100 * (row[order].mean + row[order].deviation),
          })),
        })),
      },
    ],
  };
}

function difference(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}
