// Training on a GPU: the losses of WASM, step by step, and `saccade train --backend webgpu` to a model. The GPU here may be a
// program; it computes what any other does.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncDispose, type BackendUnavailableError, type ModelConfig } from "@saccade/attention-core";
import { differentiable } from "@saccade/training";
import { beforeAll, expect, test, type TestContext } from "vitest";
import { openGpu } from "../src/backends/open-gpu.ts";
import { openTrainingBackend, type TrainingDevice } from "../src/backends/training-backend.ts";
import { runCommandLine } from "../src/command-line.ts";
import type { TaggedSentence } from "../src/recipes/text/tagger-data.ts";
import { trainTagger } from "../src/recipes/text/train-tagger.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { treebank } from "./tagged.ts";
import { testFolder } from "./tiny-tagger.ts";

const { signal } = new AbortController();
const folder = await testFolder();

let problem: string | null = null;
beforeAll(async () => {
  // What tests have of a GPU in Node; it also names the driver for the program.
  const adapter = (await navigator.gpu?.requestAdapter()) ?? null;
  if (adapter === null) problem = "no GPU";
  else await openGpu().catch((error: BackendUnavailableError) => (problem = error.reasons.join()));
});

function skipWithoutGpu(context: TestContext): void {
  if (problem !== null) context.skip(problem);
}

const model: ModelConfig = {
  input: { kind: "embeddings", rows: 12, columns: 2, norm: true },
  encoder: {
    layers: 1,
    width: 16,
    heads: 2,
    feedForwardWidth: 24,
    activation: "gelu",
    norm: "layer",
    placement: "pre",
    epsilon: 1e-5,
    positions: { kind: "none" },
    positionBias: { kind: "relative", reach: 4 },
    convolution: { left: 1, right: 1, activation: "gelu" },
  },
  head: { kind: "position-labels", labels: 3 },
};

/** Sentences whose labels follow from a word and the one before it. */
const sentences: readonly TaggedSentence[] = Array.from({ length: 12 }, (_, n) => {
  const ids = Array.from({ length: 3 + (n % 5) }, (_word, i) => (n * 5 + i * i * 3) % 11);
  return {
    words: ids.map(String),
    ids: Int32Array.from(ids.flatMap((id) => [id, id % 4])),
    labels: [Int32Array.from(ids, (id, i) => (id + (ids[i - 1] ?? 0)) % 3)],
  };
});

/** The loss of each step of a training with everything that draws: dropout of rows, branches and weights of attention. */
async function lossesOn(device: TrainingDevice): Promise<readonly number[]> {
  const backend = differentiable((await openTrainingBackend(device)).backend);
  const losses = new Map<number, number>();
  await trainTagger({
    name: "tiny",
    model,
    pattern: { kind: "full" },
    kinds: [{ name: "label", labels: ["a", "b", "c"] }],
    identity: [0],
    train: sentences,
    dev: sentences.slice(0, 4),
    settings: {
      epochs: 3,
      words: 30,
      rate: 1e-2,
      decay: 0.01,
      averaging: 0.9,
      smoothing: 0.1,
      auxiliary: 0,
      dropout: { input: 0.1, branches: 0.1, hidden: 0.1, attention: 0.2, words: 0.1 },
    },
    seed: 5,
    backend,
    checkpoints: { load: async () => undefined, save: async () => {} },
    onProgress: (_, { step, loss }) => void losses.set(step, loss),
    signal,
  });
  await backend[asyncDispose]();
  return Array.from(losses.values());
}

test("a tiny tagger has the same losses on a GPU as on WASM", async (context) => {
  skipWithoutGpu(context);
  const onWasm = await lossesOn({ backend: "wasm", threads: 1, software: false });
  const onGpu = await lossesOn({ backend: "webgpu", threads: 1, software: true });
  expect(onWasm.length).toBeGreaterThan(5);
  expect(onGpu.length).toBe(onWasm.length);
  onGpu.forEach((loss, step) => expect(Math.abs(loss - onWasm[step]!)).toBeLessThan(1e-3));
}, 600_000);

const data = join(folder, "data");

/** Runs `saccade train` of one epoch with `options`. */
async function train(
  name: string,
  ...options: readonly string[]
): Promise<ReturnType<typeof recordingTerminal> & { code: number }> {
  const places = ["--data", data, "--output", join(folder, name), "--checkpoints", join(folder, `${name}-kept`)];
  const terminal = recordingTerminal();
  const args = ["train", "text/upos-words-alone", "--epochs", "1", ...places, ...options];
  return { ...terminal, code: await runCommandLine(args, terminal, signal, "") };
}

test("saccade train --backend webgpu --software trains a model, and without --software refuses a program", async (context) => {
  skipWithoutGpu(context);
  await mkdir(data);
  await writeFile(join(data, "en_ewt-ud-train.conllu"), treebank(12));
  await writeFile(join(data, "en_ewt-ud-dev.conllu"), treebank(4, 12));
  const { code, printed, complaints } = await train("model", "--backend", "webgpu", "--software");
  expect([code, complaints]).toEqual([0, []]);
  expect(printed[0]).toMatch(/^On the GPU: /);
  expect(await readdir(join(folder, "model"))).toContain("model.safetensors");

  const adapter = await navigator.gpu.requestAdapter();
  if (!/swiftshader|llvmpipe/i.test(`${adapter?.info.architecture} ${adapter?.info.description}`)) return;
  const refused = await train("refused", "--backend", "webgpu");
  expect([refused.code, refused.complaints]).toEqual([1, [expect.stringContaining("is a program, not a GPU")]]);
}, 600_000);

test("saccade train refuses a backend that cannot train", async () => {
  const { code, complaints } = await train("none", "--backend", "auto");
  expect(code).toBe(2);
  expect(complaints[0]).toContain("--backend: it must be one of wasm, webgpu");
});
