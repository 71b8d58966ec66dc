// The recipes of speech on made-up tones: from recordings to a folder of files that their task opens and is evaluated on.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { openModel, packModel } from "@saccade/model-files";
import { differentiable } from "@saccade/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Figure, Recipe, TrainedModel } from "../src/recipes/recipe.ts";
import { digitStrings, frames } from "../src/recipes/speech/digit-strings.ts";
import { digits } from "../src/recipes/speech/digits.ts";
import { unseenSpeakerRecipe } from "../src/recipes/speech/digits-unseen-speaker.ts";
import { phones } from "../src/recipes/speech/phones.ts";
import { speaker } from "../src/recipes/speech/speaker.ts";
import { synthesizeDigits, withoutSilence } from "../src/recipes/speech/synthetic-voices.ts";
import { readRecordings } from "../src/tasks/speech/recordings.ts";
import type { OpenedTask } from "../src/tasks/task.ts";
import { findTask } from "../src/tasks/tasks.ts";
import { spokenTones, tonesFile, wav } from "./spoken-tones.ts";

const { signal } = new AbortController();
const [train, dev] = [spokenTones([1, 2, 3]), spokenTones([4])];
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "saccade-speech-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function trainTones(recipe: Recipe, epochs: number): Promise<TrainedModel> {
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  return await recipe.train({
    read: (file) => (file === "train.tsv" ? train : dev).tsv,
    bytes: (file) => train.files.get(file) ?? dev.files.get(file)!,
    backend,
    seed: 1,
    epochs,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    onProgress: () => undefined,
    note: () => undefined,
    signal,
  });
}

async function openTask(recipe: Recipe, model: TrainedModel): Promise<OpenedTask> {
  return findTask(recipe.name).open({
    model: await openModel(await packModel({ storage: "int8", ...model, card: "" }), { signal }),
    backends: [() => createWasmBackend({ threads: 1 })],
    signal,
  });
}

async function evaluated(task: OpenedTask): Promise<readonly Figure[]> {
  const shares: number[] = [];
  const figures = await task.evaluate({
    data: tonesFile("dev.tsv", dev),
    signal,
    onProgress: (share) => shares.push(share),
  });
  expect(shares.at(-1)).toBe(1);
  return figures;
}

test("speech/digits learns to tell ten tones apart, and its task says which a file holds", async () => {
  const model = await trainTones(digits, 18);
  const task = await openTask(digits, model);
  const [accuracy] = await evaluated(task);
  expect(accuracy).toMatchObject({ metric: "accuracy", count: 20, data: "dev.tsv" });
  expect(accuracy!.value).toBeGreaterThan(0.6);
  const path = join(folder, "tone.wav");
  await writeFile(path, dev.files.get("recordings/7_ada_4.wav")!);
  const inputs = [await task.inputOf(path), await task.inputOf({ file: path })];
  const [one, other] = await task.pipeline.run(inputs);
  expect(task.fieldsOf(one)).toEqual(task.fieldsOf(other));
  expect(task.fieldsOf(one)).toHaveProperty("label");
  await task.pipeline[Symbol.asyncDispose]();
}, 60_000);

test("speech/speaker makes a model that its task evaluates", async () => {
  const task = await openTask(speaker, await trainTones(speaker, 2));
  expect(await evaluated(task)).toMatchObject([{ metric: "accuracy", count: 20 }]);
  await task.pipeline[Symbol.asyncDispose]();
}, 60_000);

test("speech/frames and speech/digit-strings are two heads of one network", async () => {
  const labels = await trainTones(frames, 1);
  const strings = await trainTones(digitStrings, 1);
  expect(strings.weights.get("head.weight")).not.toEqual(labels.weights.get("head.weight"));
  const shared = [...labels.weights.keys()].filter((name) => !name.startsWith("head."));
  for (const name of shared) expect(strings.weights.get(name)).toEqual(labels.weights.get(name));
  const [frameTask, stringTask] = [await openTask(frames, labels), await openTask(digitStrings, strings)];
  const [accuracy] = await evaluated(frameTask);
  expect(accuracy).toMatchObject({ metric: "frame accuracy" });
  expect(accuracy!.value).toBeGreaterThan(0.2);
  expect((await evaluated(stringTask)).map(({ metric }) => metric)).toEqual([
    "digit error rate, beam search",
    "strings without error, beam search",
    "digit error rate, greedy",
    "strings without error, greedy",
  ]);
  const [output] = await frameTask.pipeline.run([
    await frameTask.inputOf({ samples: Array.from({ length: 4000 }, () => 0), sampleRate: 8000 }),
  ]);
  expect(frameTask.fieldsOf(output)).toHaveProperty("segments");
  for (const task of [frameTask, stringTask]) await task.pipeline[Symbol.asyncDispose]();
}, 60_000);

test("speech/digits-unseen-speaker measures each speaker by networks of the others and of synthetic voices", async () => {
  const tones = spokenTones([5]);
  const recordings = readRecordings(tones.tsv, (path) => tones.files.get(path)!, 8000);
  const recipe = unseenSpeakerRecipe(async (sampleRate) => {
    expect(sampleRate).toBe(8000);
    return [recordings, recordings.slice(0, 3)];
  });
  const { figures } = await trainTones(recipe, 1);
  expect(figures.map(({ metric, count }) => [metric, count])).toEqual([
    ["accuracy in a voice never heard, mean of the speakers", 80],
    ["the same of single networks, mean", 80],
    ["accuracy, ada never heard", 40],
    ["accuracy, bob never heard", 40],
  ]);
  expect(figures[0]!.value).toBeCloseTo((figures[2]!.value + figures[3]!.value) / 2, 12);
}, 60_000);

test("withoutSilence() keeps what is within 32 dB of the loudest, and thirty milliseconds beside it", () => {
  const samples = new Float32Array(8000).fill(1e-3);
  samples.fill(0.5, 2000, 4000);
  expect(withoutSilence(samples, 8000).length).toBe(2000 + 2 * 240);
  expect(withoutSilence(new Float32Array(800), 8000).length).toBe(800);
});

test("synthesizeDigits() names the programs that are missing", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = folder;
  try {
    await expect(synthesizeDigits(8000, signal)).rejects.toThrow(/espeak-ng and flite must be installed .*, espeak-ng/);
  } finally {
    process.env["PATH"] = path;
  }
});

test("speech/phones learns labels of frames from alignments", async () => {
  const samples = Float32Array.from({ length: 16_000 }, (_, i) => (i % 4000 < 2000 ? 0.3 * Math.sin(i / 5) : 0));
  const line = (id: string): string =>
    JSON.stringify({
      id,
      phones: [0, 0.25, 0.5, 0.75].flatMap((start) => [
        [start, start + 0.125, "AA1"],
        [start + 0.125, start + 0.25, "sil"],
      ]),
    });
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  const { figures, config } = await phones.train({
    read: () => ["a", "b"].map((id) => line(id)).join("\n"),
    bytes: () => wav(samples, 16_000),
    backend,
    seed: 1,
    epochs: 12,
    checkpoints: { load: async () => undefined, save: async () => undefined },
    onProgress: () => undefined,
    note: () => undefined,
    signal,
  });
  expect(config).toMatchObject({ labels: ["silence", "AA"] });
  expect(figures[0]!.value).toBeGreaterThan(0.8);
}, 60_000);

test("a record of sound that is none, or whose file is missing, says so", async () => {
  const task = findTask("speech/digits");
  const opened = await openTask(digits, await trainTones(digits, 1));
  expect(task.labelled).toContain("recordings");
  await expect(async () => opened.inputOf({ text: "seven" })).rejects.toThrow("the path of a WAV file");
  await expect(async () => opened.inputOf(join(folder, "none.wav"))).rejects.toThrow("none.wav");
  await opened.pipeline[Symbol.asyncDispose]();
}, 60_000);
