// What recipes of citation graphs have in common: the graphs, their labels, and a training that becomes a model.

import type { GraphModelConfig, GraphNetworkConfig } from "@saccade/graph-nodes";
import type { Figure, Recipe, RecipeRun, TrainedModel } from "../recipe.ts";
import { type CitationData, citationGraph, readPlanetoid } from "./planetoid.ts";
import { type CitationSettings, trainCitations, type TrainedCitations } from "./train-citations.ts";

/** A graph of citations. */
export interface CitationSet {
  readonly file: string;
  /** The collection. */
  readonly title: string;
  readonly about: string;
  /** Its classes in the order of their numbers, by how many papers each has in the published split. */
  readonly labels: readonly string[];
}

/** 2,708 papers. */
export const cora: CitationSet = {
  file: "cora.json",
  title: "Cora",
  about: "2,708 papers about machine learning, 1,433 words and 5,278 citations",
  labels: [
    "Theory",
    "Reinforcement Learning",
    "Genetic Algorithms",
    "Neural Networks",
    "Probabilistic Methods",
    "Case Based",
    "Rule Learning",
  ],
};

/** 3,327 papers. */
export const citeseer: CitationSet = {
  file: "citeseer.json",
  title: "Citeseer",
  about: "3,327 papers of computer science, 3,703 words and 4,552 citations",
  labels: [
    "Artificial Intelligence",
    "Machine Learning",
    "Information Retrieval",
    "Databases",
    "Agents",
    "Human-Computer Interaction",
  ],
};

/** A network for any citation graph, and how it learns. */
export interface CitationPlan {
  readonly networkOf: (data: Pick<CitationData, "words" | "classes">) => GraphNetworkConfig;
  readonly settings: CitationSettings;
}

/** The sentences of a card on where a graph comes from. */
export function originOf({ about }: CitationSet): string[] {
  return [
    `A topic for each node of one graph: ${about}. It knows these words and this graph; for other papers it has to be trained anew.`,
    "The graph is that of Sen et al. 2008, Collective Classification in Network Data, AI Magazine, with the split of Yang et al. 2016, Revisiting Semi-Supervised Learning with Graph Embeddings, ICML, as in kimiyoung/planetoid (MIT; the graphs carry no licence of their own).",
  ];
}

/** The recipe `name`, which trains `plan` on the standard split of `set`. */
export function citationRecipe(
  name: string,
  summary: string,
  set: CitationSet,
  plan: CitationPlan,
  about: readonly string[] = [],
): Recipe {
  const chosen = { accuracy: "", "cross-entropy": ", by their cross-entropy" }[plan.settings.keep];
  return {
    name,
    summary: `${summary} (${set.file.replace(".json", "")})`,
    data: [set.file],
    card: {
      title: `Topics of papers, ${set.title}`,
      licence: "MIT",
      about: [
        ...about,
        ...originOf(set),
        `Learned from the labels of 20 papers for each topic. The 500 validation papers chose the step that was kept${chosen}, so that what is measured on them is a little better than on others; the labels of the 1,000 test papers were not at hand.`,
      ],
    },
    async train(run) {
      const data = readPlanetoid(run.read(set.file));
      const trained = await trainPlan(run, plan, name.replace("/", "-"), data);
      run.note(`seed ${run.seed}: step ${trained.step} is kept`);
      const figure: Figure = {
        metric: "accuracy, before rounding to eight bits",
        value: trained.accuracy,
        count: data.validation.length,
        data: `${set.file}, validation nodes`,
      };
      return citationModel(name, plan, set, data, trained, [figure]);
    },
  };
}

/** Trains `plan` on the split that `data` has. */
export async function trainPlan(
  run: RecipeRun,
  { networkOf, settings }: CitationPlan,
  part: string,
  data: CitationData,
): Promise<TrainedCitations> {
  const { backend, seed, checkpoints, onProgress, signal } = run;
  return trainCitations({
    name: part,
    network: networkOf(data),
    graph: citationGraph(data),
    labels: data.labels,
    train: data.train,
    validation: data.validation,
    settings: { ...settings, steps: run.epochs ?? settings.steps },
    seed,
    backend,
    checkpoints,
    onProgress,
    signal,
  });
}

/** The model of a training. */
export function citationModel(
  name: string,
  { networkOf }: CitationPlan,
  { labels }: CitationSet,
  data: CitationData,
  { weights }: TrainedCitations,
  figures: readonly Figure[],
): TrainedModel {
  const config: GraphModelConfig = {
    model: networkOf(data),
    // Names for as many classes as the published graph has, numbers for another graph.
    output: {
      kind: "label",
      labels: labels.length === data.classes ? labels : Array.from({ length: data.classes }, (_, n) => String(n)),
    },
  };
  return { config: { name, ...config } as TrainedModel["config"], weights, files: {}, figures };
}
