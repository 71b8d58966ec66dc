// `saccade run` over records that are in order and records that are not, into files and pipes, until it ends or is stopped.

import { readdirSync } from "node:fs";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../src/command-line.ts";
import { InterruptedError } from "../src/commands/errors.ts";
import { longestLine } from "../src/records/read-records.ts";
import { runChild } from "./child.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { testFolder, writeTinyTagger } from "./tiny-tagger.ts";

const folder = await testFolder();
const model = await writeTinyTagger(folder);
const { signal } = new AbortController();

interface Line {
  readonly line: number;
  readonly id?: unknown;
  readonly tokens?: readonly { readonly text: string; readonly tag: string }[];
  readonly error?: string;
}

/** Runs over `input`, and returns what came out beside the exit code. */
async function run(
  input: string | Uint8Array,
  options: readonly string[] = [],
  stop: AbortSignal = signal,
): Promise<{ code: number; raw: string; lines: Line[]; complaints: string }> {
  const stdout = new PassThrough();
  const stdin = Readable.from([Buffer.from(input)]);
  const terminal = recordingTerminal();
  const args = ["run", "text/upos", "--model", model, ...options];
  const raw = text(stdout);
  const code = await runCommandLine(args, terminal, stop, "", { stdin, stdout });
  stdout.end();
  const lines = (await raw).split("\n").slice(0, -1);
  return {
    code,
    raw: await raw,
    lines: lines.map((line) => JSON.parse(line) as Line),
    complaints: terminal.complaints.join("\n"),
  };
}

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("saccade run reads", () => {
  test("plain lines, blank ones too, whatever ends them", async () => {
    const { code, lines, complaints } = await run("\uFEFFI saw\r\n\na saw\u2028there");
    expect([code, complaints]).toEqual([0, ""]);
    expect(lines.map(({ line, tokens }) => [line, tokens!.map((token) => token.text)])).toEqual([
      [1, ["I", "saw"]],
      [2, []],
      [3, ["a", "saw", "there"]],
    ]);
  });

  test("JSON lines of every form, with their ids", async () => {
    const records = [
      '"I saw"',
      '{"id":"x","text":"a saw"}',
      "",
      '{"id":{"n":[1]},"tokens":["a b","c"]}',
      '{"id":1.5,"text":""}',
    ];
    const { code, lines } = await run(records.join("\n"), ["--format", "jsonl"]);
    expect(code).toBe(0);
    expect(lines.map(({ line, id, tokens }) => [line, id, tokens!.length])).toEqual([
      [1, undefined, 2],
      [2, "x", 2],
      [4, { n: [1] }, 2],
      [5, 1.5, 0],
    ]);
  });

  test("a file named .jsonl as JSON lines", async () => {
    const input = await fileOf("named.jsonl", '{"text":"I saw"}\n');
    expect((await run("", ["--input", input])).lines[0]!.tokens!.length).toBe(2);
  });

  test("nothing, and says so", async () => {
    const { code, lines, complaints } = await run("");
    expect([code, lines, complaints]).toEqual([0, [], "There was nothing to do: the input has no records"]);
  });

  test("records that are none: each gets its error in its place, the others their tags", async () => {
    const bad: readonly (readonly [string | Uint8Array, RegExp])[] = [
      ["nope", /^it must be JSON: /],
      ['{"id":7,"text":"cut', /^it must be JSON: /],
      [Uint8Array.of(0x22, 0xff, 0x22), /^it must be UTF-8, it is not$/],
      ["[1]", /must be a text in quotes/],
      ['{"txt":"x"}', /must be a text in quotes/],
      ['{"__proto__":{"text":"x"}}', /must be a text in quotes/],
      ['{"text":"x","tokens":["x"]}', /must be a text in quotes/],
      ['{"id":9007199254740993,"text":"x"}', /^its id must be a text or a number below 2\^53/],
    ];
    const parts = bad.flatMap(([line], n) => [Buffer.from(line), Buffer.from(`\n{"id":${n},"text":"I saw"}\n`)]);
    const { code, lines, complaints } = await run(Buffer.concat(parts), ["--format", "jsonl"]);
    expect(code).toBe(1);
    expect(complaints).toBe(`8 records were refused of 16: see "error"`);
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 16 }, (_, n) => n + 1));
    bad.forEach(([, problem], n) => {
      expect(lines[2 * n]!.error).toMatch(problem);
      expect(lines[2 * n + 1]).toMatchObject({ id: n, tokens: [{ text: "I" }, { text: "saw" }] });
    });
  });

  test("a binary file without losing a line of it", async () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 167 + (i >> 5)) % 256);
    const { code, lines } = await run(bytes);
    expect(code).toBe(1);
    const ends = bytes.filter((byte) => byte === 10).length;
    expect(lines.length).toBe(bytes.at(-1) === 10 ? ends : ends + 1);
  });

  test("past a line that is too long", async () => {
    const { code, lines } = await run(`${"x".repeat(longestLine + 1)}\nI saw\n`);
    expect(code).toBe(1);
    expect(lines[0]!.error).toBe(`it must have at most ${longestLine} bytes, it has ${longestLine + 1}`);
    expect(lines[1]!.tokens!.length).toBe(2);
  });
});

test("saccade run keeps the order of 3,000 records among which every third is none", async () => {
  const records = Array.from({ length: 3000 }, (_, n) =>
    n % 3 === 0 ? "{" : JSON.stringify({ id: n, text: "word ".repeat(n % 17) }),
  );
  const { lines } = await run(records.join("\n"), ["--format", "jsonl"]);
  expect(lines.map(({ line }) => line)).toEqual(records.map((_, n) => n + 1));
  lines.forEach(({ id, error, tokens }, n) => {
    expect([id, error !== undefined, tokens?.length]).toEqual(
      n % 3 === 0 ? [undefined, true, undefined] : [n, false, n % 17],
    );
  });
});

test("saccade run writes nothing that a terminal obeys, and the same text for who parses it", async () => {
  const odd = "\u001b[2J\u009b31m\u007f\u202eabc";
  const { raw, lines } = await run(JSON.stringify({ id: odd, tokens: [odd, "b"] }), ["--format", "jsonl"]);
  expect(raw).toMatch(/^[\n\x20-\x7e]*$/);
  expect([lines[0]!.id, lines[0]!.tokens![0]!.text]).toEqual([odd, odd]);
});

describe("saccade run refuses, before it reads a model,", async () => {
  const input = await fileOf("input.txt", "I saw\n");
  await symlink(input, join(folder, "link.txt"));
  await mkdir(join(folder, "sub"));
  test.each([
    [["run", "text/upoz"], "Cannot find task text/upoz: it must be one of text/upos"],
    [["run", "\u001b[2J"], "Cannot find task \\u{1b}[2J"],
    [["run", "text/upos", "--input", join(folder, "none.txt")], "Cannot read --input: it must be a file or -, ENOENT"],
    [["run", "text/upos", "--input", folder], "Cannot read --input: it must be a file or -,"],
    [["run", "text/upos", "--input", input, "--output", input], "another file than --input"],
    [["run", "text/upos", "--input", input, "--output", join(folder, "link.txt")], "another file than --input"],
    [
      ["run", "text/upos", "--input", input, "--output", join(folder, "sub")],
      "Cannot write --output: it must be a file",
    ],
    [["run", "text/upos", "--input", input, "--output", join(folder, "no", "x")], "in a folder that is there"],
    [["run", "text/upos", "--format", "csv"], "Cannot read --format: it must be lines, jsonl or auto"],
    [["run", "text/upos", "--threads", "0"], "Cannot read --threads: it must be an integer from 1 to 64"],
  ])("%j", async (args, complaint) => {
    const terminal = recordingTerminal();
    const stdout = new PassThrough();
    // A model that is not there would be complained of instead.
    const options = ["--model", join(folder, "no-model")];
    const streams = { stdin: Readable.from([]), stdout };
    expect(await runCommandLine([...args, ...options], terminal, signal, "", streams)).toBe(2);
    expect(terminal.complaints.join("\n")).toContain(complaint);
    expect(terminal.complaints.join("")).not.toContain("\u001b");
    expect(await readFile(input, "utf8")).toBe("I saw\n");
  });

  test("and says of a model that is not there what is missing", async () => {
    const terminal = recordingTerminal();
    const streams = { stdin: Readable.from(["x"]), stdout: new PassThrough() };
    const args = ["run", "text/upos", "--model", join(folder, "no-model")];
    expect(await runCommandLine(args, terminal, signal, "", streams)).toBe(1);
    expect(terminal.complaints.join("")).toContain("Cannot read files.json");
  });
});

describe("saccade run --output", () => {
  test("gives the file its name when it is whole, in place of the one that was there", async () => {
    const output = await fileOf("replaced.jsonl", "old");
    expect((await run("I saw\na saw\n", ["--output", output])).code).toBe(0);
    expect((await readFile(output, "utf8")).split("\n").length).toBe(3);
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("leaves the file that was there when it is stopped, and nothing else", async () => {
    const output = await fileOf("kept.jsonl", "old");
    const stop = new AbortController();
    setTimeout(() => stop.abort(new InterruptedError("SIGTERM")), 60);
    const { code, complaints } = await run("I saw a saw\n".repeat(20_000), ["--output", output], stop.signal);
    expect([code, complaints]).toEqual([143, "Stopped by SIGTERM"]);
    expect(await readFile(output, "utf8")).toBe("old");
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test.skipIf(process.platform === "win32")(
    "writes into a device and leaves it one (not on Windows: there is no /dev/null)",
    async () => {
      expect((await run("I saw\n", ["--output", "/dev/null"])).code).toBe(0);
      expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
    },
  );

  test.skipIf(process.platform !== "linux")(
    "ends with 74 where the disk is full (Linux alone has /dev/full)",
    async () => {
      const { code, complaints } = await run("I saw a saw\n".repeat(5000), ["--output", "/dev/full"]);
      expect(code).toBe(74);
      expect(complaints).toContain("ENOSPC");
    },
  );
});

test("saccade run over 10,000 sentences settles within 100 ms of an abort", async () => {
  const input = "The old man saw the boat beside the park, and the boat saw nobody.\n".repeat(10_000);
  const settled: number[] = [];
  for (const after of [0, 40, 150]) {
    const stop = new AbortController();
    let abortsAt = 0;
    const stdout = new PassThrough({ highWaterMark: 1 << 30 });
    stdout.once("data", () => {
      // When it should, not when it does: a program that is busy hears of a signal later.
      abortsAt = performance.now() + after;
      setTimeout(() => stop.abort(new InterruptedError("SIGINT")), after);
    });
    const streams = { stdin: Readable.from([Buffer.from(input)]), stdout };
    const args = ["run", "text/upos", "--model", model];
    expect(await runCommandLine(args, recordingTerminal(), stop.signal, "", streams)).toBe(130);
    settled.push(performance.now() - abortsAt);
  }
  // The middle one: other tests may have the machine for a while.
  expect(settled.toSorted((a, b) => a - b)[1]).toBeLessThan(100);
});

test("saccade run that nobody reads any more still stops", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new InterruptedError("SIGINT")), 200);
  const streams = { stdin: Readable.from(["I saw\n".repeat(5000)]), stdout: new PassThrough({ highWaterMark: 1 }) };
  const args = ["run", "text/upos", "--model", model];
  expect(await runCommandLine(args, recordingTerminal(), stop.signal, "", streams)).toBe(130);
});

describe("saccade run as a process", () => {
  test("answers while its input is still open", async () => {
    const { code, out } = await runChild(["run", "text/upos", "--model", model], {}, (child) => {
      child.stdin.write("I saw\n");
      child.stdout.once("data", () => child.stdin.end("a saw\n"));
    });
    expect([code, out.split("\n").length]).toEqual([0, 3]);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("ends on %s with %i and leaves no half file", async (name, exitCode) => {
    const output = join(folder, `${name}.jsonl`);
    const { code, err } = await runChild(["run", "text/upos", "--model", model, "--output", output], {}, (child) => {
      child.stdin.write("I saw a saw\n".repeat(3000));
      const isWriting = setInterval(() => {
        if (!readdirSync(folder).some((file) => file.includes(name))) return;
        clearInterval(isWriting);
        child.kill(name);
      }, 20);
    });
    expect([code, err]).toEqual([exitCode, `Stopped by ${name}\n`]);
    expect((await readdir(folder)).filter((file) => file.includes(name))).toEqual([]);
  });

  test("that is killed leaves the old file, and the next one writes what it would have written", async () => {
    const output = await fileOf("killed.jsonl", "old");
    const args = ["run", "text/upos", "--model", model, "--output", output];
    const input = "I saw a saw\n".repeat(2000);
    const { code } = await runChild(args, {}, (child) => {
      child.stdin.write(input);
      const isWriting = setInterval(() => {
        if (!readdirSync(folder).some((file) => file.startsWith(".killed"))) return;
        clearInterval(isWriting);
        child.kill("SIGKILL");
      }, 20);
    });
    expect([code, await readFile(output, "utf8")]).toEqual([null, "old"]);
    await run(input, ["--output", output]);
    expect(await readFile(output, "utf8")).toBe((await run(input)).raw);
  });

  test("ends with 141 and without a word when its reader has gone", async () => {
    const { code, err } = await runChild(["run", "text/upos", "--model", model], {}, (child) => {
      child.stdin.end("I saw a saw\n".repeat(50_000));
      child.stdout.once("data", () => child.stdout.destroy());
    });
    expect([code, err]).toEqual([141, ""]);
  });
});
