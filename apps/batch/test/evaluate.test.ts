// `saccade evaluate` on data that is in order and data that is not.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../src/command-line.ts";
import { InterruptedError } from "../src/commands/errors.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { treebank } from "./tagged.ts";
import { testFolder, writeTinyTagger } from "./tiny-tagger.ts";

const folder = await testFolder();
const model = await writeTinyTagger(folder);
const { signal } = new AbortController();

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const evaluate = async (data: string, options: readonly string[] = [], stop: AbortSignal = signal) => {
  const terminal = recordingTerminal();
  const args = ["evaluate", "text/upos", "--model", model, "--data", data, ...options];
  const code = await runCommandLine(args, terminal, stop, "");
  return { code, printed: terminal.printed, complaints: terminal.complaints.join("\n") };
};

test("saccade evaluate prints a line for each metric", async () => {
  const data = await fileOf("dev\u001b[2J.conllu", treebank(300));
  const { code, printed, complaints } = await evaluate(data);
  expect([code, complaints]).toEqual([0, ""]);
  expect(printed[0]).toMatch(/^text\/upos on dev\\u\{1b\}\[2J\.conllu, [\d.]+ s, backend wasm$/);
  expect(printed[1]).toMatch(/metric +value +count/);
  expect(printed[2]).toMatch(/accuracy, gold words +0\.\d{4} +1,200/);
});

test("saccade evaluate --json prints task, metric, value, count and seconds", async () => {
  const { code, printed } = await evaluate(await fileOf("dev.conllu", treebank(20)), ["--json"]);
  expect(code).toBe(0);
  const figures = printed.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(figures.length).toBeGreaterThan(1);
  for (const figure of figures) {
    expect(figure).toEqual({
      task: "text/upos",
      metric: expect.any(String),
      value: expect.any(Number),
      count: expect.any(Number),
      seconds: expect.any(Number),
    });
    expect(figure["value"]).toBeLessThanOrEqual(1);
  }
  expect(figures[0]).toMatchObject({ metric: "accuracy, gold words", count: 80 });
});

test("saccade evaluate says what is wrong with data", async () => {
  const good = treebank(2);
  const cases: readonly (readonly [string | Uint8Array, number, string])[] = [
    ["", 2, "must hold labelled data (CoNLL-U)"],
    [`${good}1\tone\n\n`, 1, "line 15"],
    [Buffer.concat([Buffer.from(good), Uint8Array.of(0xff, 0x0a)]), 2, "must be UTF-8, line 15 is not"],
    [Uint8Array.of(0x1f, 0x8b, 0x08), 2, "must be UTF-8, line 1 is not"],
  ];
  for (const [content, exitCode, complaint] of cases) {
    const { code, printed, complaints } = await evaluate(await fileOf("wrong.conllu", content));
    expect([code, printed]).toEqual([exitCode, []]);
    expect(complaints).toContain(complaint);
  }
});

test("saccade evaluate says which file or task is not there", async () => {
  const none = await evaluate(join(folder, "none.conllu"));
  expect([none.code, none.complaints]).toEqual([2, expect.stringContaining("Cannot read --data: it must be a file")]);
  const terminal = recordingTerminal();
  expect(await runCommandLine(["evaluate", "text/upos"], terminal, signal, "")).toBe(2);
  expect(terminal.complaints.join()).toContain("--data <file>");
  const other = recordingTerminal();
  expect(await runCommandLine(["evaluate", "text/none", "--data", "x"], other, signal, "")).toBe(2);
  expect(other.complaints.join()).toContain("Cannot find task text/none");
});

test("saccade evaluate stops when its signal aborts", async () => {
  const data = await fileOf("long.conllu", treebank(20_000));
  const stop = new AbortController();
  setTimeout(() => stop.abort(new InterruptedError("SIGINT")), 30);
  expect(await evaluate(data, [], stop.signal)).toEqual({ code: 130, printed: [], complaints: "Stopped by SIGINT" });
});
