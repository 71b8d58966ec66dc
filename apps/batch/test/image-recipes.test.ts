// The recipes of images on a few made-up pictures: from files of data to a folder that their tasks open, run on PNG files
// and are evaluated on.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { openModel, packModel } from "@saccade/model-files";
import { differentiable } from "@saccade/training";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findRecipe } from "../src/commands/train.ts";
import { modelCard } from "../src/recipes/model-card.ts";
import type { Recipe, TrainedModel } from "../src/recipes/recipe.ts";
import { IdxFormatError } from "../src/records/idx.ts";
import { idxBytes } from "../src/records/idx-bytes.ts";
import { dataFile } from "../src/records/data-file.ts";
import type { OpenedTask } from "../src/tasks/task.ts";
import { findTask } from "../src/tasks/tasks.ts";

const { signal } = new AbortController();
const side = 28;
/** Pictures 0 .. 11, the first ten of each class once: a square that grows with the class. */
const count = 12;
const pixels = Uint8Array.from({ length: count * side * side }, (_, i) => {
  const [picture, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
  return Math.max(Math.abs(y - 14), Math.abs(x - 14)) < 3 + (picture % 10) ? 200 : 0;
});
const labels = Uint8Array.from({ length: count }, (_, n) => n % 10);
const cifar = Uint8Array.from({ length: 4 * 3073 }, (_, i) => (i % 3073 === 0 ? i / 3073 : (i * 7) % 256));

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-images-"));
  await writeFile(join(folder, "few-images-idx3-ubyte"), idxBytes(pixels, [count, side, side]));
  await writeFile(join(folder, "few-labels-idx1-ubyte"), idxBytes(labels, [count]));
  await sharp(pixels.slice(0, side * side), { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(join(folder, "one.png"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function trained(recipe: Recipe): Promise<TrainedModel> {
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  return await recipe.train({
    read: () => {
      throw new RangeError("Cannot read text: recipes of images must read bytes");
    },
    bytes: (file) => {
      expect(recipe.data).toContain(file);
      if (file.endsWith(".bin.gz")) return cifar;
      return file.includes("images") ? idxBytes(pixels, [count, side, side]) : idxBytes(labels, [count]);
    },
    backend,
    seed: 1,
    epochs: 2,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    onProgress: () => undefined,
    note: () => undefined,
    signal,
  });
}

async function openTrained(name: string): Promise<OpenedTask> {
  const recipe = findRecipe(name);
  const model = await trained(recipe);
  expect(model.config.name).toBe(name);
  const card = modelCard(recipe, model, { command: "train", seconds: 60, parameters: 1, node: "24" });
  expect(card).toContain("Xiao, Rasul and Vollgraf 2017");
  expect(card).toContain("as float16");
  const files = await packModel({ storage: "int8", ...model, card });
  return findTask(name).open({
    model: await openModel(files, { signal }),
    backends: [async () => createWasmBackend({ threads: 1 })],
    signal,
  });
}

test("image/clothing makes a model that its task opens, runs on a PNG file and evaluates", async () => {
  const opened = await openTrained("image/clothing");
  const [output] = await opened.pipeline.run([await opened.inputOf(join(folder, "one.png"))]);
  const { label, labels: scores } = opened.fieldsOf(output) as {
    label: string;
    labels: { label: string; score: number }[];
  };
  expect(scores.map((each) => each.label)).toContain(label);
  expect(scores.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
  const data = dataFile("--data", join(folder, "few-images-idx3-ubyte"));
  const shares: number[] = [];
  const figures = await opened.evaluate({ data, signal, onProgress: (share) => shares.push(share) });
  expect(shares.at(-1)).toBe(1);
  expect(figures).toMatchObject([{ metric: "accuracy", count, data: "few-images-idx3-ubyte" }]);
  await opened.pipeline[asyncDispose]();
}, 60_000);

test("image/patches makes a model that its task opens, runs on a PNG file and evaluates on scenes", async () => {
  const opened = await openTrained("image/patches");
  const [output] = await opened.pipeline.run([await opened.inputOf({ file: join(folder, "one.png") })]);
  expect(opened.fieldsOf(output)).toMatchObject({ rows: 8, columns: 8 });
  expect((opened.fieldsOf(output)["patches"] as unknown[]).length).toBe(64);
  const data = dataFile("--data", join(folder, "few-images-idx3-ubyte"));
  const [all, held] = await opened.evaluate({ data, signal, onProgress: () => {} });
  // Twelve pictures make five scenes: four of one to four, and one more of one.
  expect(all).toMatchObject({ metric: "accuracy of patches", count: 5 * 64 });
  expect(held!.metric).toBe("accuracy without background");
  expect(held!.count).toBeGreaterThan(5);
  expect(held!.count).toBeLessThan(5 * 64);
  await opened.pipeline[asyncDispose]();
}, 60_000);

test("image/cifar trains, and says how good it is", async () => {
  const { figures, config } = await trained(findRecipe("image/cifar"));
  expect(config.name).toBe("image/cifar");
  expect(figures).toMatchObject([{ metric: "accuracy", count: 4 }]);
}, 60_000);

test("tasks on images refuse records and data that are none", async () => {
  const opened = await openTrained("image/clothing");
  for (const record of ["", 3, null, ["x.png"], { text: "x" }]) {
    await expect(opened.inputOf(record)).rejects.toThrow("must be the path of a PNG or JPEG file");
  }
  await expect(opened.inputOf(join(folder, "none.png"))).rejects.toThrow("must be a file that can be read");
  await expect(opened.inputOf(join(folder, "few-labels-idx1-ubyte"))).rejects.toThrow("PNG");
  const evaluate = async (file: string): Promise<unknown> =>
    opened.evaluate({ data: dataFile("--data", join(folder, file)), signal, onProgress: () => {} });
  await expect(evaluate("one.png")).rejects.toThrow(IdxFormatError);
  await expect(evaluate("few-labels-idx1-ubyte")).rejects.toThrow('must have "images-idx3"');
  await opened.pipeline[asyncDispose]();
}, 60_000);
