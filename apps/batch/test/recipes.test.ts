// Each recipe of text on a handful of made-up sentences: from data to a folder of files that its task opens and is evaluated on.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { packModel } from "@saccade/model-files";
import { openModelDirectory, writeModelDirectory } from "@saccade/model-files/node";
import { differentiable } from "@saccade/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Recipe } from "../src/recipes/recipe.ts";
import { recipes } from "../src/recipes/recipes.ts";
import { modelCard } from "../src/recipes/model-card.ts";
import type { OpenedTask } from "../src/tasks/task.ts";
import { findTask } from "../src/tasks/tasks.ts";
import { textData } from "./text-data.ts";

const { signal } = new AbortController();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-recipes-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const conllu = (rows: readonly string[][]): string =>
  rows
    .map((words, s) => {
      const lines = words.map((word, i) => {
        const [form, upos] = word.split("/");
        return [i + 1, form, form, upos, upos!.slice(0, 2), "_", i === 0 ? 0 : 1, i === 0 ? "root" : "dep", "_", "_"];
      });
      const text = words.map((word) => word.split("/")[0]).join(" ");
      return [`# sent_id = ${s + 1}`, `# text = ${text}`, ...lines.map((line) => line.join("\t")), "", ""].join("\n");
    })
    .join("");

const tagged = conllu([
  ["I/PRON", "saw/VERB", "a/DET", "saw/NOUN"],
  ["The/DET", "dog/NOUN", "saw/VERB", "me/PRON"],
  ["I/PRON", "saw/VERB", "the/DET", "dog/NOUN"],
]);

const entities = "I\tO\nsaw\tO\nAda\tB-person\nLovelace\tI-person\n\t\nAda\tB-person\nleft\tO\nLondon\tB-location\n";

const chinese =
  "我\tPRON\tPRP\n看见\tVERB\tVV\n狗\tNOUN\tNN\n。\tPUNCT\t.\n\n狗\tNOUN\tNN\n看见\tVERB\tVV\n我\tPRON\tPRP\n。\tPUNCT\t.\n";

const judged = [
  "source\tsentence\tlabel",
  ...["good", "great", "wonderful"].map((word) => `x\tThis is ${word} food.\t1`),
  ...["bad", "awful", "horrible"].map((word) => `x\tThis is ${word} food.\t0`),
].join("\n");

const dataOf: Readonly<Record<string, string>> = {
  "text/upos": tagged,
  "text/upos-words-alone": tagged,
  "text/entities": entities,
  "text/chinese-upos": chinese,
  "text/sentiment": judged,
};

/** Trains for two epochs, writes the files, and opens them as the task does. */
async function openTrained(recipe: Recipe, data: string): Promise<OpenedTask> {
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  const model = await recipe.train({
    read: (file) => {
      expect(recipe.data).toContain(file);
      return data;
    },
    bytes: () => {
      throw new RangeError("Cannot read bytes: recipes of text must read text");
    },
    backend,
    seed: 1,
    epochs: 2,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    onProgress: () => undefined,
    note: () => undefined,
    signal,
  });
  expect(model.config.name).toBe(recipe.name);
  for (const { value } of model.figures) expect(value).toBeGreaterThanOrEqual(0);
  const card = modelCard(recipe, model, { command: "train", seconds: 60, parameters: 1, node: "24" });
  expect(card).toContain(recipe.card.licence);
  const own = join(folder, recipe.name.replace("/", "-"));
  await writeModelDirectory(own, await packModel({ ...model, storage: "int8", card }));
  return await findTask(recipe.name.replace("-words-alone", "")).open({
    model: await openModelDirectory(own, { signal }),
    backends: [async () => createReferenceBackend()],
    signal,
  });
}

const textRecipes = recipes.filter(({ name }) => name.startsWith("text/"));

test.each(textRecipes.map((recipe) => [recipe.name, recipe] as const))(
  "%s makes a model that its task opens, runs and evaluates",
  async (name, recipe) => {
    const data = dataOf[name]!;
    const opened = await openTrained(recipe, data);
    const [output] = await opened.pipeline.run([opened.inputOf("I saw a saw. 我看见狗。")]);
    expect(Object.keys(opened.fieldsOf(output)).length).toBeGreaterThan(0);
    const shares: number[] = [];
    const figures = await opened.evaluate({
      data: textData("data", data),
      signal,
      onProgress: (share) => shares.push(share),
    });
    expect(shares.at(-1)).toBe(1);
    expect(figures.length).toBeGreaterThan(0);
    for (const { value, count } of figures) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
      expect(count).toBeGreaterThanOrEqual(0);
    }
    await opened.pipeline[Symbol.asyncDispose]();
  },
  60_000,
);

test("text/sentiment learns what sentences and counts tell, and its task says so", async () => {
  const opened = await openTrained(
    recipes.find(({ name }) => name === "text/sentiment")!,
    judged,
  );
  const [good, bad] = await opened.pipeline.run(["This is great food.", "This is awful food."]);
  expect(opened.fieldsOf(good)).toMatchObject({ label: "positive" });
  expect(opened.fieldsOf(bad)).toMatchObject({ label: "negative" });
  await opened.pipeline[Symbol.asyncDispose]();
});
