// The cases on threads of the host: run, printed, and the page but for the part about the GPU.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";
import { renderPage } from "./markdown.ts";
import { olderRuntime } from "./older-node.ts";
import { pageUrl, readPage } from "./page-file.ts";
import { formatOutcome } from "./report.ts";
import { type CaseOutcome, isFailure, isTimed } from "./result.ts";
import { selectCases } from "./select-cases.ts";
import { cases } from "./shapes.ts";
import { currentRuntime, spawnCase, withOlderNode } from "./spawn-case.ts";
import { compileProbes } from "./wasm/compile.ts";
import { supportsRelaxedSimd } from "./wasm/probes.ts";
import { webgpuSectionOf } from "./webgpu/webgpu-section.ts";

const packages = [
  "onnxruntime-web",
  "@jax-js/jax",
  "wink-nlp",
  "wink-eng-lite-web-model",
  "compromise",
  "assemblyscript",
];

/** What the command line asks for. */
export interface HostOptions {
  readonly only: string;
  readonly json: boolean;
  readonly write: boolean;
  /** Without the peers. */
  readonly ours: boolean;
  readonly withOlderNode: boolean;
}

/** Returns whether all cases were right. Throws `RangeError` if `only` matches none. */
export async function benchHost(options: HostOptions): Promise<boolean> {
  const selected = selectCases(cases, options.only);
  const load = loadavg()[0] ?? NaN;
  const probeFolder = await mkdtemp(join(tmpdir(), "saccade-benchmarks-"));
  try {
    const binaries = await compileProbes();
    for (const [name, bytes] of Object.entries(binaries)) await writeFile(join(probeFolder, `${name}.wasm`), bytes);
    const older = options.withOlderNode ? await olderRuntime(process.env["PATH"] ?? "") : undefined;
    if (!older && options.withOlderNode) console.error("No other Node on PATH: no figures beside those of this one.");

    const outcomes: CaseOutcome[] = [];
    for (const one of selected) {
      const current = await spawnCase(currentRuntime, one, probeFolder, !options.ours);
      const outcome =
        older && isTimed(current) ? withOlderNode(current, await spawnCase(older, one, probeFolder, false)) : current;
      outcomes.push(outcome);
      console.log(options.json ? JSON.stringify(outcome) : formatOutcome(outcome));
    }
    if (options.write) {
      const adapter = `WebAssembly with ${supportsRelaxedSimd(binaries) ? "relaxed SIMD" : "simd128"}`;
      const machine = await describeMachine(adapter, older?.version, load, packages);
      await writeFile(pageUrl, renderPage(machine, outcomes, webgpuSectionOf(await readPage())));
    }
    return !outcomes.some(isFailure);
  } finally {
    await rm(probeFolder, { recursive: true, force: true });
  }
}
