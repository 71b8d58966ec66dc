// One head against several of the same width in all.

import type { Experiment, ExperimentContext, ExperimentReport } from "../experiment.ts";
import { differs, percentSpread, spreadOf } from "../statistics.ts";
import {
  describeTagger,
  readTaggerData,
  taggerBudget,
  taggerModel,
  taggerTraining,
  treebankFiles,
} from "../text/tagger.ts";
import { trainEach } from "../training/train-each.ts";
import { trainLabeller } from "../training/train-labeller.ts";

const counts = [1, 2, 4, 8] as const;

/** The experiment. */
export const heads: Experiment<Results> = {
  name: "heads",
  summary: "one head of 64 columns against 2, 4 and 8 that share them",
  data: treebankFiles,
  minutes: { full: 4, quick: 0.2 },
  measure,
  report,
};

function nameOf(count: number): string {
  return `${count} head${count === 1 ? "" : "s"}`;
}

interface Results {
  readonly tagger: string;
  readonly trained: readonly { readonly heads: number; readonly accuracies: readonly number[] }[];
}

async function measure(context: ExperimentContext): Promise<Results> {
  const budget = taggerBudget(context.quick);
  const data = readTaggerData(context.data, budget);
  const variants = counts.map((count) => ({ name: nameOf(count), heads: count }));
  const trained = await trainEach(context, variants, context.quick ? 1 : 3, async (variant, seed, name) => {
    const model = taggerModel(data, { heads: variant.heads, positionBias: { kind: "relative", reach: 16 } });
    return (await trainLabeller(context, taggerTraining(data, { ...budget, name, model, seed }))).accuracy;
  });
  return {
    tagger: describeTagger(data, budget),
    trained: trained.map(({ variant, results }) => ({ heads: variant.heads, accuracies: results })),
  };
}

function report({ tagger, trained }: Results): ExperimentReport {
  const rows = trained.map(({ heads: count, accuracies }) => ({ count, accuracies, spread: spreadOf(accuracies) }));
  const [one, ...several] = rows as [(typeof rows)[number], ...typeof rows];
  const better = several.filter(({ spread }) => spread.mean > one.spread.mean && differs(spread, one.spread));
  const worse = several.filter(({ spread }) => spread.mean < one.spread.mean && differs(spread, one.spread));
  const names = (list: typeof rows): string => list.map(({ count }) => nameOf(count)).join(", ");
  const seeds = one.accuracies.length;
  const range = Math.max(...rows.map(({ spread }) => spread.mean)) - Math.min(...rows.map(({ spread }) => spread.mean));
  return {
    title: "One head or several",
    claim:
      "several heads look at several kinds of relations at once, and do better than one of the same width (Vaswani et al. 2017, table 3: 24.9 BLEU with one, 25.8 with eight).",
    method: [
      tagger,
      `Relative bias by distance; heads share the 64 columns, so that the maps have as many weights whatever their number (only the bias grows: 33 values a head and layer). ${seeds === 1 ? "One seed" : `${seeds} seeds`} each.`,
    ],
    found: [
      `Between the best and the worst number of heads there are ${(100 * range).toFixed(2)} points.`,
      better.length > 0
        ? `Better than one head by more than chance allows (Welch's t-test, 5 %): ${names(better)}.`
        : "No number of heads is better than one by more than chance allows (Welch's t-test, 5 %): whatever several are worth here, so few seeds cannot tell.",
      ...(worse.length > 0 ? [`Worse than one by as much: ${names(worse)}.`] : []),
    ],
    caveats: [
      "Seeds change the start and the order of the data, not the data: the development part has 25,147 words, of which a tenth of a percent is 25.",
      "A head more is also a table of biases more: with one head all relations share one preference for distances.",
    ],
    tables: [
      {
        title: `Accuracy of the tagger in percent, ${seeds === 1 ? "one seed" : `mean ± standard deviation of ${seeds} seeds`}`,
        columns: [
          { title: "heads" },
          { title: "columns a head", align: "right" },
          { title: "accuracy", align: "right" },
          { title: "each seed" },
        ],
        rows: rows.map(({ count, spread, accuracies }) => [
          `${count}`,
          `${64 / count}`,
          percentSpread(spread),
          accuracies.map((value) => (100 * value).toFixed(2)).join(", "),
        ]),
      },
    ],
    plots: [
      {
        name: "accuracy",
        title: "A tagger by its number of heads, 64 columns in all",
        x: { title: "heads", kind: "ordered" },
        y: { title: "words with the right tag, %", kind: "linear" },
        series: [
          {
            name: seeds === 1 ? "one seed" : "mean and standard deviation",
            points: rows.map(({ count, spread }) => ({
              x: `${count}`,
              y: 100 * spread.mean,
              low: 100 * (spread.mean - spread.deviation),
              high: 100 * (spread.mean + spread.deviation),
            })),
          },
        ],
      },
    ],
  };
}
