// `saccade models`, with a model, without one, and with one that is damaged.

import { expect, test } from "vitest";
import { pathToFileURL } from "node:url";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { models } from "../src/commands/models.ts";
import { runCommandLine } from "../src/command-line.ts";
import type { Task } from "../src/tasks/task.ts";
import { tasks } from "../src/tasks/tasks.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { testFolder, writeTinyTagger } from "./tiny-tagger.ts";

const folder = await testFolder();
const tagger = await writeTinyTagger(folder);
const { signal } = new AbortController();

const taskWith = (name: string, shipped: Task["shipped"]): Task => ({
  ...tasks[0]!,
  name,
  summary: `what ${name} does`,
  shipped,
});

test("saccade models lists every task with the size of its model, and tells which is missing", async () => {
  const listed = [
    taskWith("a/there", pathToFileURL(tagger)),
    taskWith("b/none", undefined),
    taskWith("c/gone", pathToFileURL(join(folder, "gone"))),
  ];
  const terminal = recordingTerminal();
  expect(await models(false, terminal, signal, listed)).toBe(1);
  expect(terminal.printed.slice(0, 4).map((line) => line.trimEnd())).toEqual([
    "task       MB  what it does",
    "a/there  0.01  what a/there does",
    "b/none   none  what b/none does",
    "c/gone   none  what c/gone does",
  ]);
  expect(terminal.complaints.length).toBe(1);
  expect(terminal.complaints[0]).toContain("c/gone: Cannot read files.json");

  const json = recordingTerminal();
  expect(await models(true, json, signal, listed)).toBe(1);
  const rows = json.printed.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ task, bytes }) => [task, typeof bytes])).toEqual([
    ["a/there", "number"],
    ["b/none", "object"],
    ["c/gone", "object"],
  ]);
  expect(rows[0]).toMatchObject({ problem: null, manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(rows[1]).toMatchObject({ bytes: null, manifestSha256: null, problem: "no model is shipped" });
});

test("saccade models tells a model whose configuration was changed", async () => {
  const config = join(tagger, "config.json");
  const whole = await readFile(config, "utf8");
  await writeFile(config, whole.replace('"NOUN"', '"NUON"'));
  const terminal = recordingTerminal();
  expect(await models(false, terminal, signal, [taskWith("a/changed", pathToFileURL(tagger))])).toBe(1);
  expect(terminal.complaints.join()).toMatch(/a\/changed: .*config\.json/);
  await writeFile(config, whole);
});

test("saccade models --json prints an object for each task", async () => {
  const terminal = recordingTerminal();
  await runCommandLine(["models", "--json"], terminal, signal, "");
  expect(terminal.printed.map((line) => (JSON.parse(line) as { task: string }).task)).toEqual(
    tasks.map(({ name }) => name),
  );
});
