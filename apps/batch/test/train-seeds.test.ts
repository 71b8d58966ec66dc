// Several seeds of a recipe that trains nothing: which model is kept, and what its figures say of all.

import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { differentiable } from "@saccade/training";
import { expect, test } from "vitest";
import type { Recipe } from "../src/recipes/recipe.ts";
import { trainSeeds } from "../src/recipes/train-seeds.ts";
import { textData } from "./text-data.ts";

const { signal } = new AbortController();

/** Its figure is the error for a seed. */
function recipeOf(errors: Readonly<Record<number, number>>): Recipe {
  return {
    name: "test/none",
    summary: "nothing",
    data: ["dev.tsv"],
    card: { title: "Nothing", licence: "none", about: [] },
    train: async ({ seed }) => ({
      config: { name: `seed ${seed}` },
      weights: new Map([["w", { values: Float32Array.of(seed), shape: [1] }]]),
      files: {},
      figures: [
        {
          metric: "root mean squared error",
          value: errors[seed]!,
          unit: "m",
          better: "lower",
          count: 9,
          data: "dev.tsv",
        },
      ],
      storage: "f32",
    }),
  };
}

test("trainSeeds() keeps the best by the first figure, and adds mean and standard deviation of all", async () => {
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  const notes: string[] = [];
  const { files, figures } = await trainSeeds(recipeOf({ 4: 3, 5: 1, 6: 2 }), {
    read: () => "",
    bytes: () => new Uint8Array(0),
    dataOf: (file) => textData(file, ""),
    backend,
    seed: 4,
    seeds: 3,
    epochs: undefined,
    checkpointsOf: () => ({ load: async () => undefined, save: async () => undefined }),
    factsOf: () => ({ command: "train", seconds: 1, parameters: 1, node: "24" }),
    onProgress: () => undefined,
    note: (line) => notes.push(line),
    signal,
  });
  expect(new TextDecoder().decode(files["config.json"])).toContain("seed 5");
  expect(figures.map(({ metric, value }) => [metric, value])).toEqual([
    ["root mean squared error", 1],
    ["root mean squared error, 3 seeds from 4: mean", 2],
    ["root mean squared error, 3 seeds from 4: standard deviation", 1],
  ]);
  expect(notes.at(-1)).toBe("seed 5 is kept, the best on dev.tsv");
  expect(new TextDecoder().decode(files["README.md"])).toContain("1.000 m");
});
