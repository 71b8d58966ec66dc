// Where and when an experiment was run: without it no number on a page can be checked.

import { execFile } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { promisify } from "node:util";

/** What a page says of a run. */
export interface RunFacts {
  /** As anybody would type it. */
  readonly command: string;
  readonly seconds: number;
  /** Whether parts are of a run before, which the seconds leave out. */
  readonly resumed: boolean;
  readonly quick: boolean;
  /** Year, month and day. */
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** Processes that wanted a core when it began, a mean over a minute. */
  readonly load: number;
}

/** The facts of a run that begins now; what is left out is filled in when it ends. */
export async function describeRun(command: string, quick: boolean): Promise<Omit<RunFacts, "seconds" | "resumed">> {
  return {
    command,
    quick,
    date: new Date().toISOString().slice(0, 10),
    commit: await commitNow(),
    cpu: cpus()[0]?.model.trim() ?? "an unknown processor",
    cores: cpus().length,
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
  };
}

async function commitNow(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "--short", "HEAD"]);
    return stdout.trim();
  } catch {
    return "unknown";
  }
}
