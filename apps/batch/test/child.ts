// The command as its users run it: a process of its own.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Runs `saccade` with `args`; `onStart` may write to it, send it a signal, or close what it writes to. */
export async function runChild(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  onStart: (child: Child) => void = (child) => child.stdin.end(),
): Promise<Ended> {
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--conditions=@saccade/source", main, ...args], {
    env: { ...inherited, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin.on("error", () => undefined); // it may end before it has read everything
  onStart(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}
