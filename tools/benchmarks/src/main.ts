// The script `bench`: checks and times every case, or those whose name matches.
//
//   bench [--only REGEX] [--json] [--write] [--ours] [--no-older-node]
//
// --json prints an object a line, --write also writes BENCHMARKS.md, --ours leaves the peers out. Exits with 1 when a
// case failed.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { renderPage } from "./markdown.ts";
import { olderRuntime } from "./older-node.ts";
import { formatOutcome } from "./report.ts";
import { type CaseOutcome, isFailure, isTimed } from "./result.ts";
import { cases } from "./shapes.ts";
import { currentRuntime, spawnCase, withOlderNode } from "./spawn-case.ts";
import { compileProbes } from "./wasm/compile.ts";
import { supportsRelaxedSimd } from "./wasm/probes.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    ours: { type: "boolean", default: false },
    "no-older-node": { type: "boolean", default: false },
  },
});

const selected = cases.filter(({ name }) => new RegExp(options.only).test(name));
if (selected.length === 0) {
  throw new RangeError(
    `Cannot run benchmarks: --only must match a case, ${options.only} matches none of ${cases.map(({ name }) => name).join(", ")}`,
  );
}
const load = loadavg()[0] ?? NaN;
const probeFolder = await mkdtemp(join(tmpdir(), "saccade-benchmarks-"));
try {
  const binaries = await compileProbes();
  for (const [name, bytes] of Object.entries(binaries)) await writeFile(join(probeFolder, `${name}.wasm`), bytes);
  const older = options["no-older-node"] ? undefined : await olderRuntime(process.env["PATH"] ?? "");
  if (!older && !options["no-older-node"]) console.error("No other Node on PATH: no figures beside those of this one.");

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
    const page = renderPage(await describeMachine(adapter, older?.version, load), outcomes);
    await writeFile(new URL("../../../BENCHMARKS.md", import.meta.url), page);
  }
  if (outcomes.some(isFailure)) process.exitCode = 1;
} finally {
  await rm(probeFolder, { recursive: true, force: true });
}
