// Every model that is shipped on a GPU and on WASM, over the samples of its domain: the same labels, and probabilities within
// 1e-4. The GPU here may be a program; it computes what any other does.

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncDispose, type Backend, BackendUnavailableError } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend, type WebgpuBackend } from "@saccade/attention-core/webgpu";
import { decodeImage } from "@saccade/image-patches/node";
import { openModel } from "@saccade/model-files";
import { readWav } from "@saccade/speech-frames";
import { uposWordsAloneModel } from "@saccade/text-tokens/models/upos-words-alone";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { openGpu } from "../src/backends/open-gpu.ts";
import { runCommandLine } from "../src/command-line.ts";
import { papers, sampleGraph } from "../src/samples/citation-graph.ts";
import { molecules } from "../src/samples/molecules.ts";
import { samples, twins } from "../src/samples/texts.ts";
import { type Comparison, noComparison } from "../src/tasks/compare-outputs.ts";
import type { Task } from "../src/tasks/task.ts";
import { findTask, tasks } from "../src/tasks/tasks.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { treebank } from "./tagged.ts";
import { testFolder, writeTinyTagger } from "./tiny-tagger.ts";

const { signal } = new AbortController();
const folder = await testFolder();
const model = await writeTinyTagger(folder);

/** For all models, so that what they have in common is compiled once; null without a GPU. */
let backend: WebgpuBackend | null = null;
beforeAll(async () => {
  backend = await createWebgpuBackend({ software: true }).catch((error: unknown) => {
    if (error instanceof BackendUnavailableError) return null;
    throw error;
  });
});
afterAll(async () => backend?.[asyncDispose]());

function gpuOrSkip(context: TestContext): WebgpuBackend {
  return backend ?? context.skip("no GPU");
}

/** `all` for a pipeline that will dispose it. */
function lent(all: Backend): Backend {
  return {
    name: all.name,
    limits: all.limits,
    lost: all.lost,
    upload: (values, shape) => all.upload(values, shape),
    plan: (queries, keys, pattern) => all.plan(queries, keys, pattern),
    workspace: (stop) => all.workspace(stop),
    [asyncDispose]: async () => {},
  };
}

/** What of the samples a task takes. */
async function samplesOf(name: string): Promise<readonly unknown[]> {
  const file = (path: string): Uint8Array => readFileSync(new URL(`../samples/${path}`, import.meta.url));
  const [domain] = name.split("/");
  if (domain === "text") return [...samples, twins];
  if (domain === "speech") return [readWav(file("digits.wav"))];
  if (domain === "image") return [await decodeImage(file("boot.png"))];
  if (!name.includes("citations")) return molecules.map(({ smiles }) => smiles);
  const graph = sampleGraph(papers);
  if (name === "graph/citations" || graph.nodeFeatures.kind !== "sparse") return [graph];
  // Citeseer's list has more words; which ones they are does not matter here.
  return [{ ...graph, nodeFeatures: { ...graph.nodeFeatures, width: 3703 } }];
}

/** Runs the samples of a task on both, and compares. */
async function compareSamples(task: Task, source: Task["shipped"], gpu: Backend): Promise<Comparison> {
  const comparison = noComparison();
  const opened = await task.open({
    model: await openModel(source!, { signal }),
    backends: [createWasmBackend],
    signal,
    second: {
      backends: [() => lent(gpu)],
      limit: Infinity,
      comparison,
      onOpen: (choice) => expect(choice.name).toBe("webgpu"),
    },
  });
  await opened.pipeline.run(await samplesOf(task.name));
  await opened.pipeline[asyncDispose]();
  return comparison;
}

const shipped = tasks.filter((task) => task.shipped !== undefined).map((task) => [task.name, task.shipped!] as const);

test.for([...shipped, ["text/upos", uposWordsAloneModel] as const])(
  "%s says of its samples on a GPU what it says on WASM",
  async ([name, source], context) => {
    const compared = await compareSamples(findTask(name), source, gpuOrSkip(context));
    const { inputs, labels, differingLabels, numbers, largestDifference } = compared;
    expect(inputs).toBeGreaterThan(0);
    expect(numbers).toBeGreaterThan(0);
    expect([differingLabels, labels > 0]).toEqual([0, true]);
    expect(largestDifference).toBeLessThan(1e-4);
  },
);

test(
  "saccade evaluate --backend webgpu computes there, and --compare counts what differs",
  { timeout: 300_000 },
  async (context) => {
    gpuOrSkip(context);
    await openGpu().catch((error: BackendUnavailableError) => context.skip(error.reasons.join()));
    const data = join(folder, "dev.conllu");
    await writeFile(data, treebank(8));
    const terminal = recordingTerminal();
    const args = [
      "evaluate",
      "text/upos",
      "--model",
      model,
      "--data",
      data,
      "--backend",
      "webgpu",
      "--compare",
      "wasm",
    ];
    expect(await runCommandLine(args, terminal, signal, "")).toBe(0);
    expect(terminal.printed[0]).toMatch(/backend webgpu$/);
    expect(terminal.printed.at(-2)).toMatch(/^webgpu and wasm on \d+ inputs: 0 of \d+ labels differ$/);
    expect(terminal.printed.at(-1)).toMatch(/largest difference \d(\.\d)?(e-\d+)? among \d+ numbers$/);
    expect(terminal.complaints.join()).toMatch(/^Computed by webgpu/);
  },
);

test("saccade evaluate --compare --json prints what was compared, and --limit how much", async () => {
  const data = join(folder, "few.conllu");
  await writeFile(data, treebank(8));
  const terminal = recordingTerminal();
  const args = [
    "evaluate",
    "text/upos",
    "--model",
    model,
    "--data",
    data,
    "--compare",
    "reference",
    "--limit",
    "3",
    "--json",
  ];
  expect(await runCommandLine(args, terminal, signal, "")).toBe(0);
  expect(JSON.parse(terminal.printed.at(-1)!)).toEqual({
    task: "text/upos",
    backends: ["wasm", "reference"],
    inputs: expect.any(Number),
    labels: expect.any(Number),
    differingLabels: 0,
    numbers: expect.any(Number),
    largestDifference: expect.any(Number),
  });
});

test("saccade run --backend auto takes no program for a GPU, and says what computed", async () => {
  const input = join(folder, "input.txt");
  await writeFile(input, "I saw\n");
  const terminal = recordingTerminal();
  const args = ["run", "text/upos", "--model", model, "--input", input, "--output", join(folder, "output.jsonl")];
  expect(await runCommandLine([...args, "--backend", "auto"], terminal, signal, "")).toBe(0);
  expect(terminal.complaints.join()).toMatch(/^Computed by (wasm; Cannot open|webgpu)/);
  expect(await runCommandLine([...args, "--backend", "cuda"], terminal, signal, "")).toBe(2);
  expect(terminal.complaints.join()).toContain("Cannot read --backend: it must be one of wasm, webgpu, auto");
});
