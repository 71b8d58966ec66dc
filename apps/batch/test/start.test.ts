// The command as its users run it: a process of its own.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `saccade` with `args`; `onStart` may send it a signal. */
function run(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  onStart?: (kill: (signal: "SIGINT" | "SIGTERM") => void) => void,
): Promise<Ended> {
  const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env;
  const env = { ...inherited, ...environment };
  const child = spawn(process.execPath, ["--conditions=@saccade/source", main, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  onStart?.((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

test("start --once tags, judges and shows attention with the models that are shipped, and exits with 0", async () => {
  const { code, out, err } = await run(["start", "--once"]);
  expect(err).toBe("");
  expect(out).not.toContain("is missing");
  expect(code).toBe(0);
  expect(out).toMatch(/ I +saw +a +saw\n +PRON VERB DET NOUN\n/);
  expect(out).toMatch(/positive [> \d]+ % +The soup was wonderful/);
  expect(out).toMatch(/negative [> \d]+ % +Two hours late/);
  expect(out).toContain('Word 2, "saw", is VERB; word 4, "saw", is NOUN');
  expect(out).toContain("nothing tells them apart");
  expect(out).toContain("8 texts, window of 2 and 2");
  expect(out).toContain("33 of 34 went where that leads");
  const difference = /^ +(\S+) is the largest difference in ([\d,]+) numbers$/m.exec(out);
  expect(Number(difference?.[1])).toBeLessThan(1e-5);
  expect(Number(difference?.[2]!.replaceAll(",", ""))).toBeGreaterThan(1000);
  // The table: every suite, nothing failed.
  const all = /^ +all +([\d,]+) passed/m.exec(out);
  expect(Number(all?.[1]!.replaceAll(",", ""))).toBeGreaterThan(1000);
  expect(out).not.toContain("failed");
  expect(out).toMatch(/ONNX Attention +46 passed|ONNX cases are not here/);
  // What may be shown in a pipe: but for the emoji of a text ASCII, in at most 100 columns.
  expect(out).toMatch(/^[\n\x20-\x7e🎉]*$/u);
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
}, 120_000);

test("attend draws blocks in colour where colour is asked for", async () => {
  const { code, out } = await run(["attend", "I saw"], { FORCE_COLOR: "1" });
  expect(code).toBe(0);
  expect(out).toContain("\u001b[36m██\u001b[39m");
});

test("attend ends on SIGINT with 130", async () => {
  const words = Array.from({ length: 15_000 }, (_, i) => `w${i % 5000}`);
  const ended = run(["attend", ...words], {}, (kill) => setTimeout(() => kill("SIGINT"), 1500));
  expect(await ended).toEqual({ code: 130, out: "", err: "Stopped by SIGINT\n" });
});

test("a wrong option exits with 2 and prints no result", async () => {
  const { code, out, err } = await run(["attend", "x", "--heads", "zero"]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("Cannot read --heads");
});
