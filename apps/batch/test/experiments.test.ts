// `saccade experiment`: each in its quick form on made-up data, to its files and page; stopped and resumed; and with data
// that is not there.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomStream } from "@saccade/attention-core";
import { beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../src/command-line.ts";
import { InterruptedError } from "../src/commands/errors.ts";
import { experiments } from "../src/experiments/experiments.ts";
import { idxBytes } from "../src/records/idx-bytes.ts";
import { type RecordingTerminal, recordingTerminal } from "./recording-terminal.ts";
import { spokenTones } from "./spoken-tones.ts";
import { treebank } from "./tagged.ts";
import { testFolder } from "./tiny-tagger.ts";

const folder = await testFolder();
const data = join(folder, "data");
const output = join(folder, "out");
const { signal } = new AbortController();

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(data, path)), { recursive: true });
  await writeFile(join(data, path), content);
}

/** Pictures of 8 × 8, brighter for each label. */
async function writePictures(part: string, count: number): Promise<void> {
  const random = randomStream(1, part);
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 10);
  const pixels = Uint8Array.from(
    { length: count * 64 },
    (_, i) => 20 * labels[Math.floor(i / 64)]! + 40 * random.uniform(),
  );
  await write(`fashion-mnist/${part}-images-idx3-ubyte.gz`, idxBytes(pixels, [count, 8, 8]));
  await write(`fashion-mnist/${part}-labels-idx1-ubyte.gz`, idxBytes(labels, [count]));
}

async function run(args: readonly string[], stop: AbortSignal = signal): Promise<RecordingTerminal & { code: number }> {
  const terminal = recordingTerminal();
  const code = await runCommandLine(
    ["experiment", ...args, "--data", data, "--output", output, "--quick"],
    terminal,
    stop,
    "",
  );
  return { ...terminal, code };
}

beforeAll(async () => {
  await write("ud-english-ewt/en_ewt-ud-train.conllu", treebank(60));
  await write("ud-english-ewt/en_ewt-ud-dev.conllu", treebank(10, 60));
  await writePictures("train", 120);
  await writePictures("dev", 40);
  for (const [part, takes] of [
    ["train", [1, 2, 3]],
    ["dev", [4]],
  ] as const) {
    const { tsv, files } = spokenTones(takes);
    await write(`fsdd/${part}.tsv`, tsv);
    for (const [path, bytes] of files) await write(`fsdd/${path}`, bytes);
  }
});

test.each(experiments)(
  "saccade experiment $name --quick prints a table, and writes figures, a page and plots",
  async ({ name }) => {
    const { code, printed, complaints } = await run([name]);
    expect([code, complaints]).toEqual([0, []]);
    expect(printed[0]).toMatch(new RegExp(`^${name}: about \\d+ (seconds|minutes) on one core$`));
    const { results, facts } = JSON.parse(await readFile(join(output, `${name}.json`), "utf8")) as {
      results: unknown;
      facts: { command: string };
    };
    expect(facts.command).toMatch(new RegExp(`^saccade experiment ${name}( --data FOLDER)? --quick$`));
    const report = experiments.find((each) => each.name === name)!.report(results);
    expect(report.tables.length).toBeGreaterThan(0);
    for (const plot of report.plots) {
      const svg = await readFile(join(output, `${name}-${plot.name}.svg`), "utf8");
      expect(svg).toContain("<svg");
      expect(svg).not.toContain("NaN");
    }
    const text = await readFile(join(output, `${name}.md`), "utf8");
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(printed.join("\n")).toContain(report.tables[0]!.title);
  },
  60_000,
);

test("saccade experiment none --page writes the page of what lies in the folder, and runs nothing", async () => {
  const page = join(folder, "EXPERIMENTS.md");
  const { code, printed } = await run(["none", "--page", page]);
  expect(code).toBe(0);
  expect(printed).toEqual([`${page}: ${experiments.map(({ name }) => name).join(", ")}`]);
  const text = await readFile(page, "utf8");
  expect(text.match(/!\[.*?\]\(out\/.*?\.svg\)/g)!.length).toBeGreaterThanOrEqual(experiments.length);
});

test("saccade experiment that is stopped keeps its parts, and --resume does not make them again", async () => {
  const stop = new AbortController();
  const terminal = recordingTerminal();
  const print = (lines: readonly string[]): void => {
    terminal.print(lines);
    // The line of an evaluation, at the end of the first training; the next has begun when the second is told.
    if (lines.some((line) => line.startsWith("2 of 4"))) stop.abort(new InterruptedError("SIGINT"));
  };
  const args = ["experiment", "heads", "--data", data, "--output", output, "--quick"];
  expect(await runCommandLine(args, { ...terminal, print }, stop.signal, "")).toBe(130);
  const parts = join(output, "heads.parts.json");
  expect(Object.keys(JSON.parse(await readFile(parts, "utf8")) as object)[0]).toBe("1 of 4: 1 head, seed 1");
  const { code, printed } = await run(["heads", "--resume"]);
  expect(code).toBe(0);
  expect(printed.some((line) => line.startsWith("1 of 4"))).toBe(false);
  expect(printed.some((line) => line.startsWith("4 of 4"))).toBe(true);
  expect(existsSync(parts)).toBe(false);
}, 60_000);

test("saccade experiment refuses a name that is none, and data that is not there, before anything runs", async () => {
  const before = (await readdir(output)).toSorted();
  const named = await run(["tables"]);
  expect([named.code, named.complaints[0]]).toEqual([2, expect.stringContaining("it must be all, none or one of")]);
  const terminal = recordingTerminal();
  expect(await runCommandLine(["experiment", "convolution-as-attention", "heads"], terminal, signal, "")).toBe(2);
  expect(terminal.complaints[0]).toMatch(/--data must be a folder with .*conllu.*; it is not given$/);
  const elsewhere = recordingTerminal();
  expect(await runCommandLine(["experiment", "heads", "--data", folder], elsewhere, signal, "")).toBe(2);
  expect(elsewhere.complaints[0]).toContain("has no ud-english-ewt/en_ewt-ud-train.conllu and no");
  expect((await readdir(output)).toSorted()).toEqual(before);
});
