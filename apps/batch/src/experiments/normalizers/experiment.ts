// Softmax against ReLU over the number of keys, and what the largest score alone makes of a network that learned by softmax.

import type { AttentionNormalizer, ModelConfig } from "@saccade/attention-core";
import type { Experiment, ExperimentContext, ExperimentReport, PlotPoint } from "../experiment.ts";
import { differs, percentSpread, type Spread, spreadOf } from "../statistics.ts";
import {
  describeTagger,
  devBatches,
  readTaggerData,
  taggerBudget,
  type TaggerData,
  taggerModel,
  taggerTraining,
  treebankFiles,
} from "../text/tagger.ts";
import { trainEach } from "../training/train-each.ts";
import { accuracyOf, trainLabeller } from "../training/train-labeller.ts";

/** The experiment. */
export const normalizers: Experiment<Results> = {
  name: "normalizers",
  summary: "softmax against ReLU over the count of keys, and the largest key alone at test time",
  data: treebankFiles,
  minutes: { full: 2, quick: 0.2 },
  measure,
  report,
};

const trainedWith = ["softmax", "relu"] as const;
const testedWith = ["softmax", "relu", "hard"] as const;
const titles: Readonly<Record<AttentionNormalizer, string>> = {
  softmax: "softmax",
  relu: "ReLU / keys",
  hard: "largest key alone",
};

/** Accuracy by the normalizer at test time. */
type Figures = Readonly<Record<AttentionNormalizer, number>>;

interface Results {
  readonly tagger: string;
  readonly trained: readonly { readonly name: string; readonly figures: readonly Figures[] }[];
}

async function measure(context: ExperimentContext): Promise<Results> {
  const { backend, quick, signal } = context;
  const budget = taggerBudget(quick);
  const data = readTaggerData(context.data, budget);
  const dev = devBatches(data.dev);
  const variants = trainedWith.map((normalizer) => ({ name: titles[normalizer], normalizer }));
  const trained = await trainEach(
    context,
    variants,
    quick ? 1 : 3,
    async ({ normalizer }, seed, name): Promise<Figures> => {
      const model = modelOf(data, normalizer);
      const { weights } = await trainLabeller(context, taggerTraining(data, { ...budget, name, model, seed }));
      const figures: [AttentionNormalizer, number][] = [];
      for (const other of testedWith) {
        figures.push([other, await accuracyOf({ backend, signal }, modelOf(data, other), weights, dev)]);
      }
      return Object.fromEntries(figures) as Figures;
    },
  );
  return {
    tagger: describeTagger(data, budget),
    trained: trained.map(({ variant, results }) => ({ name: variant.name, figures: results })),
  };
}

function modelOf(data: TaggerData, normalizer: AttentionNormalizer): ModelConfig {
  return taggerModel(data, { normalizer, positionBias: { kind: "relative", reach: 16 } });
}

function report({ tagger, trained }: Results): ExperimentReport {
  const rows = trained.map(({ name, figures }) => ({
    name,
    spreads: testedWith.map((normalizer) => spreadOf(figures.map((figure) => figure[normalizer]))),
  }));
  const seeds = trained[0]!.figures.length;
  const [softmax, relu] = [rows[0]!.spreads[0]!, rows[1]!.spreads[1]!];
  const hard = rows[0]!.spreads[2]!;
  const points = (100 * Math.abs(relu.mean - softmax.mean)).toFixed(2);
  const verdict = differs(softmax, relu)
    ? `${relu.mean > softmax.mean ? "ReLU" : "Softmax"} is better by ${points} points, more than chance allows (Welch's t-test, 5 %).`
    : `They are ${points} points apart; ${seeds < 3 ? "that needs more seeds to mean anything" : "chance allows as much (Welch's t-test, 5 %)"}.`;
  const pointOf = (normalizer: number, { mean, deviation }: Spread): PlotPoint => ({
    x: titles[testedWith[normalizer]!],
    y: 100 * mean,
    low: 100 * (mean - deviation),
    high: 100 * (mean + deviation),
  });
  return {
    title: "ReLU in place of softmax",
    claim: "softmax can be replaced by a ReLU divided by the number of keys (Wortsman et al. 2023) at hardly any loss.",
    method: [
      tagger,
      `Relative bias by distance, four heads. ReLU is max(score, 0) over the number of keys that the word may attend to, which is the sentence. ${seeds === 1 ? "One seed" : `${seeds} seeds`} each. Every network is then also run with the other normalizers, its weights as they are; \`hard\` gives the key of the largest score the weight 1.`,
    ],
    found: [
      `Softmax ${percentSpread(softmax)} %, ReLU ${percentSpread(relu)} %. ${verdict}`,
      `What learned by softmax keeps ${percentSpread(hard)} % when each head looks at its largest key alone, ${(100 * (softmax.mean - hard.mean)).toFixed(2)} points less.`,
      `Swapped at test time, softmax weights run with ReLU give ${percentSpread(rows[0]!.spreads[1]!)} %, ReLU's run with softmax ${percentSpread(rows[1]!.spreads[0]!)} %.`,
    ],
    caveats: [
      "Sentences are short, 16 words on average; that division by the number of keys matters for long inputs is not tried here.",
      "One learning rate for both, chosen for softmax with one seed.",
    ],
    tables: [
      {
        title: `Accuracy of the tagger in percent, ${seeds === 1 ? "one seed" : `mean ± standard deviation of ${seeds} seeds`}`,
        columns: [
          { title: "trained with" },
          ...testedWith.map((normalizer) => ({ title: `run with ${titles[normalizer]}`, align: "right" as const })),
        ],
        rows: rows.map(({ name, spreads }) => [name, ...spreads.map((spread) => percentSpread(spread))]),
      },
    ],
    plots: [
      {
        name: "accuracy",
        title: "A tagger by its normalizer, in training and at test time",
        x: { title: "normalizer at test time", kind: "categories" },
        y: { title: "words with the right tag, %", kind: "linear" },
        series: rows.map(({ name, spreads }) => ({
          name: `trained with ${name}`,
          points: spreads.map((spread, n) => pointOf(n, spread)),
        })),
      },
    ],
  };
}
