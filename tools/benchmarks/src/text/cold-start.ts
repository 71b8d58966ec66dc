// A fresh process from its start to the first answer. The programs in `starts/` run as JavaScript, from what the packages'
// users get (the built files), so that Node neither strips types nor finds anything warm but the disk's cache.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { summarize } from "../measure.ts";
import { compromiseName, ourName, winkName } from "./taggers/names.ts";
import type { ColdStart, TaggerStart } from "./text-result.ts";

/** Processes of each tagger, in turns; the first of each is not counted. */
const processes = 15;

const programs: Readonly<Record<string, string>> = {
  [ourName]: "ours",
  [winkName]: "wink",
  [compromiseName]: "compromise",
};

/** Times ours, and with `withPeers` the others. Throws with what a process says if it ends without an answer. */
export async function measureColdStart(name: string, withPeers: boolean): Promise<ColdStart> {
  const names = withPeers ? Object.keys(programs) : [ourName];
  const sources = await Promise.all(names.map(async (one) => readProgram(programs[one]!)));
  const starts: Start[][] = names.map(() => []);
  for (let round = 0; round <= processes; round++) {
    for (const [i, source] of sources.entries()) {
      const start = await startOnce(source);
      if (round > 0) starts[i]!.push(start);
    }
  }
  return { kind: "cold-start", name, processes, taggers: names.map((one, i) => summarizeStarts(one, starts[i]!)) };
}

async function readProgram(name: string): Promise<string> {
  return stripTypeScriptTypes(await readFile(new URL(`starts/${name}.ts`, import.meta.url), "utf8"));
}

/** What a program prints: its own clock, which begins with the process, at its first line, after imports, loading and answering. */
export interface Marks {
  readonly started: number;
  readonly imported: number;
  readonly loaded: number;
  readonly answered: number;
  /** The words' tags. */
  readonly tags: readonly string[];
}

interface Start extends Marks {
  readonly ms: number;
}

async function startOnce(source: string): Promise<Start> {
  const folder = fileURLToPath(new URL("../..", import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const begin = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], { cwd: folder, env });
  return new Promise((resolve, reject) => {
    let [printed, complaint] = ["", ""];
    let ms = NaN;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (printed.endsWith("\n")) ms = performance.now() - begin;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    child.on("error", reject);
    child.on("close", () => {
      if (Number.isNaN(ms)) reject(new Error(`a process must answer, it said: ${complaint.slice(0, 300)}`));
      else resolve({ ...(JSON.parse(printed) as Marks), ms });
    });
  });
}

/** Medians over processes. */
function summarizeStarts(name: string, starts: readonly Start[]): TaggerStart {
  const median = (value: (start: Start) => number): number => summarize(starts.map(value)).medianMs;
  const { medianMs, spreadMs } = summarize(starts.map(({ ms }) => ms));
  return {
    name,
    ms: medianMs,
    spreadMs,
    parts: {
      node: median(({ started }) => started),
      import: median(({ started, imported }) => imported - started),
      load: median(({ imported, loaded }) => loaded - imported),
      answer: median(({ loaded, answered }) => answered - loaded),
    },
  };
}
