// The tasks graph/citations and graph/citations-citeseer on the command line: a label for each node of a graph in the
// format of Planetoid.

import { accuracyOf, citations, type GraphModelConfig, type NodeLabel } from "@saccade/graph-nodes";
import { citationsModel } from "@saccade/graph-nodes/models/citations";
import { citationsCiteseerModel } from "@saccade/graph-nodes/models/citations-citeseer";
import { openModel, type ModelSource, type OpenModel } from "@saccade/model-files";
import type { Pipeline } from "@saccade/pipeline";
import { asyncDispose } from "@saccade/attention-core";
import type { Figure } from "../../recipes/recipe.ts";
import { type CitationData, citationGraph, readPapers, readPlanetoid } from "../../recipes/graph/planetoid.ts";
import { openPipeline } from "../open-pipeline.ts";
import type { EvaluateTask, OpenTask, Task } from "../task.ts";

interface CitationTaskPlan {
  readonly name: string;
  readonly summary: string;
  readonly shipped: ModelSource | undefined;
  /** Models that are shipped for other graphs: evaluation takes the one that reads as many words as the data have. */
  readonly others: readonly ModelSource[];
}

/** What Cora's papers are about. */
export const citationsTask: Task = citationTask({
  name: "graph/citations",
  summary: "what the papers of a graph of citations are about (cora, and citeseer to evaluate)",
  shipped: citationsModel,
  others: [citationsCiteseerModel],
});

/** What Citeseer's papers are about. */
export const citationsCiteseerTask: Task = citationTask({
  name: "graph/citations-citeseer",
  summary: "what the papers of a graph of citations are about (citeseer)",
  shipped: citationsCiteseerModel,
  others: [citationsModel],
});

function citationTask({ name, summary, shipped, others }: CitationTaskPlan): Task {
  return {
    name,
    summary,
    shipped,
    labelled: "a graph as JSON in the format of Planetoid, with labels of its validation or test nodes",
    async open(options) {
      const pipeline = await openPipeline(citations, options);
      return {
        pipeline: pipeline as Pipeline<unknown, unknown>,
        inputOf: (record) => citationGraph(readPapers(record)),
        fieldsOf: (output) => ({ nodes: output as readonly NodeLabel[] }),
        async evaluate(run) {
          const data = readPlanetoid(run.data.text());
          const other = await modelFor(data, options, shipped, others);
          if (!other) return evaluate(pipeline, options.model, data, run);
          const own = await openPipeline(citations, { ...options, model: other });
          try {
            return await evaluate(own, other, data, run);
          } finally {
            await own[asyncDispose]();
          }
        },
      };
    },
  };
}

/** The shipped model that reads the words of `data`, if the one that is open is shipped too and reads others. */
async function modelFor(
  { words }: CitationData,
  { model, signal }: OpenTask,
  shipped: ModelSource | undefined,
  others: readonly ModelSource[],
): Promise<OpenModel | undefined> {
  if (shipped === undefined || wordsOf(model) === words) return undefined;
  const { manifestSha256 } = await openModel(shipped, { signal });
  if (model.manifestSha256 !== manifestSha256) return undefined;
  const opened = await Promise.all(others.map(async (source) => openModel(source, { signal })));
  return opened.find((other) => wordsOf(other) === words);
}

function wordsOf({ config }: OpenModel): number {
  return (config as GraphModelConfig).model.input.columns;
}

/** Accuracy on the test nodes, where their labels are told, and on the validation nodes. */
async function evaluate(
  pipeline: Pipeline<ReturnType<typeof citationGraph>, readonly NodeLabel[]>,
  { config }: OpenModel,
  graph: CitationData,
  { data, signal, onProgress }: EvaluateTask,
): Promise<readonly Figure[]> {
  const [found = []] = await pipeline.run([citationGraph(graph)], {
    signal,
    onProgress: ({ percent }) => onProgress(percent / 100),
  });
  const { output } = config as GraphModelConfig;
  const names = output.kind === "label" ? output.labels : [];
  const figureOf = (part: "test" | "validation"): Figure => {
    const nodes = Array.from(graph[part]).filter((node) => graph.labels[node]! >= 0);
    const { value, count } = accuracyOf(
      nodes.map((node) => names[graph.labels[node]!] ?? ""),
      nodes.map((node) => found[node]!.label),
    );
    return { metric: `accuracy, ${part} nodes`, value, count, data: data.name };
  };
  const figures = [figureOf("test"), figureOf("validation")];
  const labelled = figures.filter(({ count }) => count > 0);
  return labelled.length > 0 ? labelled : figures;
}
