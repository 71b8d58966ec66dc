// Each recipe of graphs on a handful of nodes or molecules: from data to a folder of files that its task opens and is
// evaluated on.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { packModel } from "@saccade/model-files";
import { openModelDirectory, writeModelDirectory } from "@saccade/model-files/node";
import { differentiable } from "@saccade/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { citationsGat } from "../src/recipes/graph/citations-gat.ts";
import { citationsSplits } from "../src/recipes/graph/citations-splits.ts";
import { citations } from "../src/recipes/graph/citations.ts";
import { lipophilicity } from "../src/recipes/graph/lipophilicity.ts";
import { solubility, solubilityFolds } from "../src/recipes/graph/solubility.ts";
import { modelCard } from "../src/recipes/model-card.ts";
import type { Recipe, TrainedModel } from "../src/recipes/recipe.ts";
import type { Task, OpenedTask } from "../src/tasks/task.ts";
import { citationsTask } from "../src/tasks/graph/citations.ts";
import { lipophilicityTask } from "../src/tasks/graph/lipophilicity.ts";
import { solubilityTask } from "../src/tasks/graph/solubility.ts";
import { textData } from "./text-data.ts";

const { signal } = new AbortController();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-graph-recipes-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function train(recipe: Recipe, texts: Readonly<Record<string, string>>, epochs: number): Promise<TrainedModel> {
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  return await recipe.train({
    read: (file) => {
      expect(recipe.data).toContain(file);
      return texts[file]!;
    },
    bytes: () => {
      throw new RangeError("Cannot read bytes: recipes of graphs must read text");
    },
    backend,
    seed: 1,
    epochs,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    onProgress: () => undefined,
    note: () => undefined,
    signal,
  });
}

/** Writes the files of a model, and opens them as `task` does. */
async function open(task: Task, recipe: Recipe, model: TrainedModel): Promise<OpenedTask> {
  expect(model.config.name).toBe(recipe.name);
  const card = modelCard(recipe, model, { command: "train", seconds: 60, parameters: 1, node: "24" });
  expect(card).toContain(recipe.card.licence);
  const own = join(folder, recipe.name.replace("/", "-"));
  await writeModelDirectory(own, await packModel({ storage: "int8", ...model, card }));
  return task.open({
    model: await openModelDirectory(own, { signal }),
    backends: [async () => createReferenceBackend()],
    signal,
  });
}

/** Two communities of `size` papers each, in a ring, whose papers have words of their own and one in common. */
function communities(size: number): Readonly<Record<string, unknown>> {
  const nodes = Array.from({ length: 2 * size }, (_, node) => node);
  const sideOf = (node: number): number => (node < size ? 0 : 1);
  return {
    name: "communities",
    numNodes: 2 * size,
    numFeatures: 9,
    numClasses: 2,
    edges: nodes.map((node) => [node, sideOf(node) * size + ((node + 1) % size)]),
    features: nodes.map((node) => [4 * sideOf(node) + (node % 4), 8]),
    labels: nodes.map((node) => (node % 5 === 4 ? -1 : sideOf(node))),
    train: [0, 1, size, size + 1],
    val: nodes.filter((node) => node % 5 === 3),
    test: nodes.filter((node) => node % 5 === 4),
  };
}

test("graph/citations learns communities from few labels, and measures test nodes where their labels are told", async () => {
  const graph = communities(10);
  const model = await train(citations, { "cora.json": JSON.stringify(graph) }, 40);
  const opened = await open(citationsTask, citations, model);
  const [output] = await opened.pipeline.run([opened.inputOf(graph)]);
  const { nodes } = opened.fieldsOf(output) as { readonly nodes: readonly { readonly label: string }[] };
  expect(nodes.map(({ label }) => label)).toEqual(Array.from({ length: 20 }, (_, node) => (node < 10 ? "0" : "1")));

  const evaluate = async (data: object): Promise<unknown> =>
    opened.evaluate({ data: textData("x.json", JSON.stringify(data)), signal, onProgress: () => undefined });
  const validation = { metric: "accuracy, validation nodes", value: 1, count: 4, data: "x.json" };
  expect(await evaluate(graph)).toEqual([validation]);
  const told = Array.from({ length: 20 }, (_, node) => (node < 10 ? 0 : 1));
  const test = { metric: "accuracy, test nodes", value: 1, count: 4, data: "x.json" };
  expect(await evaluate({ ...graph, labels: told })).toEqual([test, validation]);
  expect(await evaluate({ ...graph, labels: told.map(() => -1) })).toMatchObject([{ count: 0 }, { count: 0 }]);
  expect(() => opened.inputOf({ numNodes: 2 })).toThrow("numFeatures must be an integer");
  await opened.pipeline[Symbol.asyncDispose]();
}, 60_000);

test("graph/citations-gat is the published network: two layers, the last of which gives the scores", async () => {
  const { figures, weights, config } = await train(citationsGat, { "cora.json": JSON.stringify(communities(10)) }, 60);
  expect(config).toMatchObject({ name: "graph/citations-gat", model: { layers: [{ heads: 8 }, { heads: 1 }] } });
  expect(weights.get("layers.1.map.weight")!.shape).toEqual([64, 2]);
  expect(figures).toMatchObject([{ value: 1, count: 4, data: "cora.json, validation nodes" }]);
}, 60_000);

test("graph/citations-splits measures both networks on papers that they have not learned from", async () => {
  const graph = communities(40);
  const val = Array.from({ length: 80 }, (_, node) => node).filter((node) => node % 40 > 1 && node % 5 !== 4);
  const { figures } = await train(citationsSplits, { "cora.json": JSON.stringify({ ...graph, val }) }, 30);
  expect(figures.map(({ metric, count }) => [metric, count])).toEqual([
    ["accuracy, this network: mean", 24],
    ["accuracy, this network: standard deviation", 24],
    ["accuracy, the published one: mean", 24],
    ["accuracy, the published one: standard deviation", 24],
  ]);
  expect(figures[0]!.value).toBeGreaterThan(0.9);
}, 60_000);

/** Alkanes and alcohols, and a number that falls by one with each carbon and rises by two with each oxygen. */
function molecules(column: string): string {
  const rows = [1, 2, 3, 4, 5, 6].flatMap((length) =>
    ["", "O"].map((end) => `${"C".repeat(length)}${end}\t${(end === "" ? 0 : 2) - length}`),
  );
  return [`smiles\t${column}`, ...rows, ""].join("\n");
}

test.each([
  ["solubility", solubility, solubilityTask, "log_solubility_mol_per_l", "log mol/l"],
  ["lipophilicity", lipophilicity, lipophilicityTask, "logD", "log D"],
] as const)(
  "graph/%s learns what atoms add, and its task says so",
  async (name, recipe, task, column, unit) => {
    const table = molecules(column);
    const model = await train(recipe, Object.fromEntries(recipe.data.map((file) => [file, table])), 150);
    const opened = await open(task, recipe, model);
    const inputs = ["CCCC", { smiles: "CCO " }].map((record) => opened.inputOf(record));
    const [butane, ethanol] = await opened.pipeline.run(inputs);
    expect(opened.fieldsOf(butane)).toMatchObject({ unit });
    expect((opened.fieldsOf(ethanol) as { value: number }).value).toBeGreaterThan(
      (opened.fieldsOf(butane) as { value: number }).value + 1,
    );
    expect(() => opened.inputOf({ text: "CC" })).toThrow('an object with "smiles"');
    const shares: number[] = [];
    const data = textData(`${name}.tsv`, table);
    const figures = await opened.evaluate({ data, signal, onProgress: (share) => shares.push(share) });
    expect(figures).toMatchObject([{ metric: "RMSE", unit, better: "lower", count: 12, data: `${name}.tsv` }]);
    expect(figures[0]!.value).toBeLessThan(1.2);
    expect(shares.at(-1)).toBe(1);
    await opened.pipeline[Symbol.asyncDispose]();
  },
  60_000,
);

test("graph/solubility-folds predicts each molecule by a network that has not seen it", async () => {
  const table = molecules("log_solubility_mol_per_l");
  const texts = Object.fromEntries(solubilityFolds.data.map((file) => [file, table]));
  const { figures, config } = await train(solubilityFolds, texts, 2);
  expect(config.name).toBe("graph/solubility-folds");
  expect(figures).toMatchObject([{ metric: "RMSE in 5 folds", count: 24, unit: "log mol/l", better: "lower" }]);
}, 60_000);
