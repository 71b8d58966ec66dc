// The models of graphs that are shipped: molecules that everybody knows, and the data that were kept apart in training.

import { asyncDispose } from "@saccade/attention-core";
import type { MoleculeValue } from "@saccade/graph-nodes/molecules";
import { expect, test, type TestContext } from "vitest";
import type { Figure } from "../src/recipes/recipe.ts";
import { openTask } from "../src/tasks/open-task.ts";
import { findTask } from "../src/tasks/tasks.ts";
import { sharedData } from "./shared-data.ts";

const { signal } = new AbortController();

async function evaluate(name: string, path: string, context: TestContext): Promise<readonly Figure[]> {
  const data = sharedData(path, context);
  const opened = await openTask(findTask(name), { model: undefined, threads: 1 }, signal);
  const figures = await opened.evaluate({ data, signal, onProgress: () => undefined });
  await opened.pipeline[asyncDispose]();
  return figures;
}

async function valuesOf(name: string, smiles: readonly string[]): Promise<number[]> {
  const { pipeline } = await openTask(findTask(name), { model: undefined, threads: 1 }, signal);
  const outputs = (await pipeline.run(smiles)) as readonly MoleculeValue[];
  await pipeline[asyncDispose]();
  return outputs.map(({ value }) => value);
}

test("the shipped models know that oil does not mix with water", async () => {
  const smiles = ["CCO", "CCCCCCCCCC", "c1ccc2c(c1)ccc1ccccc12"];
  const [ethanol, decane, phenanthrene] = await valuesOf("graph/solubility", smiles);
  expect(ethanol).toBeGreaterThan(-0.5);
  expect(decane).toBeLessThan(-4);
  expect(phenanthrene).toBeLessThan(-4);
  const [acid, ester] = await valuesOf("graph/lipophilicity", ["OC(=O)c1ccccc1", "CCCCOC(=O)c1ccccc1"]);
  expect(ester).toBeGreaterThan(acid! + 1);
});

test.for([
  ["graph/solubility", "molecules/esol.dev.tsv", 113, 0.6],
  ["graph/lipophilicity", "molecules/lipophilicity.dev.tsv", 420, 0.7],
] as const)("%s is near what was measured of compounds kept apart", async ([name, path, count, most], context) => {
  const [error] = await evaluate(name, path, context);
  expect(error).toMatchObject({ metric: "RMSE", better: "lower", count });
  expect(error!.value).toBeLessThan(most);
});

test.for([
  ["graph/citations", "planetoid/cora.json", 0.82],
  // The task takes the model that reads the words of the data.
  ["graph/citations", "planetoid/citeseer.json", 0.74],
  ["graph/citations-citeseer", "planetoid/citeseer.json", 0.74],
] as const)("%s is right about most validation papers of %s", async ([name, path, least], context) => {
  const [accuracy, ...others] = await evaluate(name, path, context);
  expect(others).toEqual([]);
  expect(accuracy).toMatchObject({ metric: "accuracy, validation nodes", count: 500 });
  expect(accuracy!.value).toBeGreaterThan(least);
});
