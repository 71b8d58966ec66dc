// How good the networks of citations are on other splits than the standard one, whose 500 validation papers have chosen
// among settings: five times other papers to learn from, and the published graph attention network beside ours on the same.

import type { Figure, Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { spreadOf } from "../train-seeds.ts";
import {
  citationModel,
  type CitationPlan,
  type CitationSet,
  citeseer,
  cora,
  originOf,
  trainPlan,
} from "./citation-recipe.ts";
import { citeseerPlan, coraPlan } from "./citations.ts";
import { plainGat } from "./citations-gat.ts";
import { readPlanetoid } from "./planetoid.ts";
import { randomSplit } from "./random-split.ts";

const splits = 5;
const perClass = 20;

/** The recipe of `graph/citations-splits`. */
export const citationsSplits: Recipe = splitsRecipe("graph/citations-splits", cora, coraPlan);

/** The recipe of `graph/citations-citeseer-splits`. */
export const citationsCiteseerSplits: Recipe = splitsRecipe("graph/citations-citeseer-splits", citeseer, citeseerPlan);

function splitsRecipe(name: string, set: CitationSet, plan: CitationPlan): Recipe {
  return {
    name,
    summary: `the same on ${splits} random splits of the labelled papers, beside the published network (${set.file.replace(".json", "")})`,
    data: [set.file],
    card: {
      title: `Topics of papers, ${set.title}`,
      licence: "MIT",
      about: ["The network of the last split; what counts are the figures.", ...originOf(set)],
    },
    train: async (run) => trainSplits(run, name, set, plan),
  };
}

async function trainSplits(run: RecipeRun, name: string, set: CitationSet, plan: CitationPlan): Promise<TrainedModel> {
  const data = readPlanetoid(run.read(set.file));
  const plans = [
    { title: "this network", part: "ours", plan, found: [] as number[] },
    { title: "the published one", part: "published", plan: plainGat, found: [] as number[] },
  ];
  for (let split = 1; ; split += 1) {
    const own = randomSplit(data, perClass, split);
    const trained = [];
    for (const { part, plan: each, found } of plans) {
      const made = await trainPlan(run, each, `${part}-${split}`, own);
      found.push(made.accuracy);
      trained.push(made);
    }
    const accuracies = plans.map(({ title, found }) => `${title} ${(100 * found.at(-1)!).toFixed(1)} %`);
    run.note(`split ${split} of ${splits}: ${accuracies.join(", ")}`);
    if (split < splits) continue;
    const figures = plans.flatMap(({ title, found }): Figure[] => {
      const { mean, deviation } = spreadOf(found);
      const of = { count: own.validation.length, data: `${set.file}, ${splits} random splits` };
      return [
        { metric: `accuracy, ${title}: mean`, value: mean, ...of },
        { metric: `accuracy, ${title}: standard deviation`, value: deviation, ...of },
      ];
    });
    return citationModel(name, plan, set, data, trained[0]!, figures);
  }
}
