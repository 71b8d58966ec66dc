// `saccade train` with a recipe that is shipped, on a made-up treebank: to the end, stopped and resumed, and with folders
// that cannot serve.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../src/command-line.ts";
import { InterruptedError } from "../src/commands/errors.ts";
import { runChild } from "./child.ts";
import { type RecordingTerminal, recordingTerminal } from "./recording-terminal.ts";
import { treebank } from "./tagged.ts";
import { testFolder } from "./tiny-tagger.ts";

const folder = await testFolder();
const { signal } = new AbortController();
const recipe = "text/upos-words-alone";
const data = join(folder, "data");

/** The arguments of a training whose model and checkpoints have `name`. */
const argsOf = (name: string, ...options: readonly string[]): string[] => {
  const output = join(folder, "models", name);
  const checkpoints = join(folder, "checkpoints", name);
  const places = ["--data", data, "--output", output, "--checkpoints", checkpoints];
  return ["train", recipe, "--epochs", "30", ...places, ...options];
};

const weightsOf = async (name: string): Promise<Buffer> => readFile(join(folder, "models", name, "model.safetensors"));

async function train(
  args: readonly string[],
  stop: AbortSignal = signal,
): Promise<RecordingTerminal & { code: number }> {
  const terminal = recordingTerminal();
  const code = await runCommandLine(args, terminal, stop, "");
  return { ...terminal, code };
}

beforeAll(async () => {
  await mkdir(data);
  await writeFile(join(data, "en_ewt-ud-train.conllu"), treebank(40));
  await writeFile(join(data, "en_ewt-ud-dev.conllu"), treebank(8, 40));
});

test("saccade train writes a model that saccade run and saccade evaluate open", async () => {
  const { code, printed, complaints } = await train(argsOf("whole"));
  expect([code, complaints]).toEqual([0, []]);
  expect(printed.at(-1)).toMatch(/whole: 5 files, \d+\.\d\d MB$/);
  const model = join(folder, "models", "whole");
  expect((await readdir(model)).toSorted()).toEqual([
    "README.md",
    "config.json",
    "files.json",
    "model.safetensors",
    "rows.bin",
  ]);
  const dev = join(data, "en_ewt-ud-dev.conllu");
  const evaluated = await train(["evaluate", "text/upos", "--model", model, "--json", "--data", dev]);
  expect(evaluated.code).toBe(0);
  expect(JSON.parse(evaluated.printed[0]!)).toMatchObject({ metric: "accuracy, gold words", count: 32 });
});

test("saccade train gives the same bits for the same seed, and other bits for another", async () => {
  expect((await train(argsOf("again"))).code).toBe(0);
  expect((await train(argsOf("other", "--seed", "2"))).code).toBe(0);
  expect(await weightsOf("again")).toEqual(await weightsOf("whole"));
  expect(await weightsOf("other")).not.toEqual(await weightsOf("whole"));
});

test("saccade train that is stopped keeps its place, and --resume goes on to the same bits", async () => {
  const stop = new AbortController();
  const terminal = recordingTerminal();
  // The first line of an evaluation: training is on its way.
  const print = (lines: readonly string[]): void => {
    terminal.print(lines);
    if (lines.some((line) => line.includes("  dev "))) stop.abort(new InterruptedError("SIGINT"));
  };
  expect(await runCommandLine(argsOf("stopped"), { ...terminal, print }, stop.signal, "")).toBe(130);
  expect(terminal.complaints).toEqual([expect.stringContaining("with --resume goes on"), "Stopped by SIGINT"]);
  expect(existsSync(join(folder, "models", "stopped"))).toBe(false);
  const resumed = await train(argsOf("stopped", "--resume"));
  expect(resumed.code).toBe(0);
  expect(resumed.printed[0]).toContain("Going on from");
  expect(await weightsOf("stopped")).toEqual(await weightsOf("whole"));
});

test("saccade train as a process saves on SIGINT and ends with 130", async () => {
  const { code, err } = await runChild(argsOf("killed", "--epochs", "400"), {}, (child) => {
    child.stdin.end();
    child.stdout.on("data", (text: string) => {
      if (text.includes("  dev ")) child.kill("SIGINT");
    });
  });
  expect([code, err]).toEqual([130, expect.stringMatching(/with --resume goes on\nStopped by SIGINT\n$/)]);
  expect(await readdir(join(folder, "checkpoints", "killed"))).toEqual(["tagger.safetensors"]);
  expect(existsSync(join(folder, "models", "killed"))).toBe(false);
}, 120_000);

describe("saccade train refuses", () => {
  test("a checkpoint of another training, which stays", async () => {
    const file = join(folder, "checkpoints", "stopped", "tagger.safetensors");
    const before = await readFile(file);
    const { code, complaints } = await train(argsOf("stopped", "--resume", "--seed", "3"));
    expect([code, complaints]).toEqual([1, [expect.stringContaining("checkpoint")]]);
    expect(await readFile(file)).toEqual(before);
  });

  test("a checkpoint that is cut", async () => {
    const file = join(folder, "checkpoints", "other", "tagger.safetensors");
    await writeFile(file, (await readFile(file)).subarray(0, 1000));
    const { code, complaints } = await train(argsOf("other", "--resume", "--seed", "2"));
    expect([code, complaints.length]).toEqual([1, 1]);
    expect(complaints[0]).toContain("tagger.safetensors");
  });

  test("folders that cannot serve, before it reads anything", async () => {
    const file = join(folder, "a-file");
    await writeFile(file, "");
    const mine = join(folder, "mine");
    await mkdir(mine);
    await writeFile(join(mine, "README.md"), "mine");
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["train", "text/none", "--data", data], "the recipe must be one of text/upos"],
      [["train", recipe, "--data", join(folder, "nowhere")], "there is no "],
      [["train", recipe, "--data", folder], "has no en_ewt-ud-train.conllu and no en_ewt-ud-dev.conllu"],
      [["train", recipe, "--data", data, "--output", join(file, "x")], "it must be a folder"],
      [["train", recipe, "--data", data, "--output", mine], "must be new, empty or a model"],
      [["train", recipe, "--data", data, "--output", join(folder, "new"), "--checkpoints", file], "--checkpoints"],
      [["train", recipe, "--data", data, "--epochs", "0"], "Cannot read --epochs"],
      [["train", recipe, "--data", data, "--seed", "-1"], "--seed"],
    ];
    for (const [args, complaint] of cases) {
      const { code, printed, complaints } = await train(args);
      expect([code, printed]).toEqual([2, []]);
      expect(complaints.join("\n")).toContain(complaint);
    }
    expect(await readFile(join(mine, "README.md"), "utf8")).toBe("mine");
  });

  test("data that is no treebank, with the line", async () => {
    const wrong = join(folder, "wrong");
    await mkdir(wrong);
    await writeFile(join(wrong, "en_ewt-ud-train.conllu"), `${treebank(1)}<html>\n\n`);
    await writeFile(join(wrong, "en_ewt-ud-dev.conllu"), treebank(1));
    const { code, complaints } = await train([...argsOf("wrong"), "--data", wrong]);
    expect(code).toBe(1);
    expect(complaints).toEqual([expect.stringMatching(/^In .*train\.conllu:$/), expect.stringContaining("line 8")]);
    expect(existsSync(join(folder, "models", "wrong"))).toBe(false);
  });
});
