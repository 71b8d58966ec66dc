// The cases on the GPU: run, printed, kept as JSON, and the page's section. A card may be in another machine than the checkout,
// hence figures can be kept there and read here.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadavg } from "node:os";
import { describeMachine } from "../machine.ts";
import { pageUrl, readPage } from "../page-file.ts";
import { isFailure } from "../result.ts";
import { selectCases } from "../select-cases.ts";
import { spawnForResult, withoutResult } from "../spawn-case.ts";
import type { GpuDescription } from "./gpu.ts";
import { cardCases, softwareCases } from "./shapes.ts";
import { parseTorchRun, type TorchRun } from "./torch-run.ts";
import { renderWebgpuSection } from "./webgpu-page.ts";
import { formatGpu, formatWebgpuOutcome } from "./webgpu-report.ts";
import { isChecked, type WebgpuOutcome, type WebgpuRun } from "./webgpu-result.ts";
import { isMeasured, replaceWebgpuSection, unmeasuredSection, webgpuSectionOf } from "./webgpu-section.ts";

/** What the command line asks for; file names by the working directory. */
export interface WebgpuOptions {
  readonly only: string;
  readonly json: boolean;
  readonly write: boolean;
  /** Without the peers. */
  readonly ours: boolean;
  readonly writeJson: string | undefined;
  readonly readJson: string | undefined;
  readonly torch: string | undefined;
}

const packages = ["webgpu", "onnxruntime-web", "@jax-js/jax"];
const child = fileURLToPath(new URL("child.ts", import.meta.url));

/** Returns whether all cases were right; without an adapter none is wrong. Throws `RangeError` if `only` matches none. */
export async function benchWebgpu(options: WebgpuOptions): Promise<boolean> {
  const torch = options.torch === undefined ? null : parseTorchRun(await readFile(options.torch, "utf8"));
  const run = options.readJson === undefined ? await runCases(options, torch) : await readRun(options.readJson, torch);
  if ("missing" in run) {
    console.error(`No GPU: ${run.missing}`);
    if (options.write) await writeSection(unmeasuredSection(run.missing));
    return true;
  }
  if (options.write) await writeSection(renderWebgpuSection(run));
  return !run.outcomes.some(isFailure);
}

interface Missing {
  readonly missing: string;
}

async function runCases(
  { only, json, ours, writeJson }: WebgpuOptions,
  torch: TorchRun | null,
): Promise<WebgpuRun | Missing> {
  const load = loadavg()[0] ?? NaN;
  const asked = await ask([], limitMs.card);
  const gpu = asked.result as GpuDescription | Missing | undefined;
  if (gpu === undefined) return { missing: `the process that asked for it ended with status ${asked.status}` };
  if ("missing" in gpu) return gpu;
  if (!json) console.log(formatGpu(gpu));
  const outcomes: WebgpuOutcome[] = [];
  const run = { machine: await describeMachine(gpu.name, undefined, load, packages), gpu, outcomes, torch };
  for (const { name } of selectCases(gpu.isSoftware ? softwareCases : cardCases, only)) {
    const outcome = await runCase(name, gpu, !ours);
    outcomes.push(outcome);
    console.log(json ? JSON.stringify(outcome) : formatWebgpuOutcome(outcome));
    // After each, so that a machine that is taken away leaves what there is.
    if (writeJson !== undefined) await writeFile(writeJson, JSON.stringify(run));
  }
  return run;
}

/** A case takes seconds on a card; a program in its place has no speed, and a machine may be busy. */
const limitMs = { card: 120_000, software: 900_000 };

/** Where the process does not come to an end with the peers, it runs again without: a card may be lent for minutes. */
async function runCase(
  name: string,
  { isSoftware }: Pick<GpuDescription, "isSoftware">,
  withPeers: boolean,
): Promise<WebgpuOutcome> {
  const limit = isSoftware ? limitMs.software : limitMs.card;
  const { result, status } = await ask([name, ...(withPeers ? [] : ["--ours"])], limit);
  if (result !== undefined) return result as WebgpuOutcome;
  if (!withPeers) return withoutResult(name, status);
  const alone = await runCase(name, { isSoftware }, false);
  return isChecked(alone) ? { ...alone, absent: { "the peers": withoutResult(name, status).failed } } : alone;
}

/** A process with the GPU, under the conditions of this one. */
async function ask(words: readonly string[], limit: number): ReturnType<typeof spawnForResult> {
  return spawnForResult(process.execPath, [...process.execArgv, child, ...words], limit);
}

async function readRun(file: string, torch: TorchRun | null): Promise<WebgpuRun> {
  const run = JSON.parse(await readFile(file, "utf8")) as WebgpuRun;
  return { ...run, torch: torch ?? run.torch };
}

/** Figures of a card stay until there are others of one. */
async function writeSection(section: string): Promise<void> {
  const page = await readPage();
  if (isMeasured(webgpuSectionOf(page)) && !isMeasured(section)) {
    console.error("BENCHMARKS.md keeps the figures of a card: there are none to take their place.");
    return;
  }
  await writeFile(pageUrl, replaceWebgpuSection(page, section));
}
