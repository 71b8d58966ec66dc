// Runs cases in processes of their own: no case inherits memory or compiled code from another.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type CaseFailure, type CaseOutcome, isFailure, isTimed, type OlderNodeResult } from "./result.ts";
import type { BenchmarkCase } from "./shapes.ts";

/** How to run the child: a Node, and the file that it runs. */
export interface Runtime {
  readonly node: string;
  readonly version: string;
  readonly child: string;
}

/** This Node, on the sources. */
export const currentRuntime: Runtime = {
  node: process.execPath,
  version: process.versions.node,
  child: fileURLToPath(new URL("child.ts", import.meta.url)),
};

/** Runs one case; a process that ends without an outcome is a failure. */
export async function spawnCase(
  { node, child }: Runtime,
  { name }: BenchmarkCase,
  probeFolder: string,
  withPeers: boolean,
): Promise<CaseOutcome> {
  const { result, status } = await spawnForResult(node, [child, name, probeFolder, ...(withPeers ? [] : ["--ours"])]);
  return (result as CaseOutcome | undefined) ?? withoutResult(name, status);
}

/** The outcome of a process that gave none. */
export function withoutResult(name: string, status: number | string): CaseFailure {
  return { name, failed: `the process ended with status ${status} and no result` };
}

/** Runs `node` and parses the last line that it prints, if that is an object. It is killed after `limitMs`, by default never. */
export async function spawnForResult(
  node: string,
  words: readonly string[],
  limitMs?: number,
): Promise<{ readonly result: unknown; readonly status: number | string }> {
  const child = spawn(node, ["--expose-gc", "--no-warnings", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    ...(limitMs === undefined ? {} : { timeout: limitMs, killSignal: "SIGKILL" }),
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const line = printed.trim().split("\n").at(-1) ?? "";
  return { result: line.startsWith("{") ? (JSON.parse(line) as unknown) : undefined, status };
}

/** `outcome` with what the same case came to under an older Node beside it. */
export function withOlderNode(outcome: CaseOutcome, older: CaseOutcome): CaseOutcome {
  if (!isTimed(outcome)) return outcome;
  if (isFailure(older)) return { name: outcome.name, failed: `under the older Node: ${older.failed}` };
  if (!isTimed(older)) return outcome;
  const { node, ms, gflops, share, error } = older;
  const beside: OlderNodeResult = { version: node, ms, gflops, share, error };
  return { ...outcome, olderNode: beside };
}
