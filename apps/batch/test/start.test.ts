// What is shown and how a process ends: `start` and `attend` as their users run them.

import { expect, test } from "vitest";
import { runChild } from "./child.ts";

test("start --once runs samples of all four domains through the models that are shipped, and exits with 0", async () => {
  const { code, out, err } = await runChild(["start", "--once"]);
  expect(err).toBe("");
  expect(out).not.toContain("is missing");
  expect(code).toBe(0);
  expect(out).toMatch(/ I +saw +a +saw\n +PRON VERB DET NOUN\n/);
  expect(out).toMatch(/positive [> \d]+ % +The soup was wonderful/);
  expect(out).toMatch(/negative [> \d]+ % +Two hours late/);
  expect(out).toContain('Word 2, "saw", is VERB; word 4, "saw", is NOUN');
  expect(out).toContain("nothing tells them apart");
  expect(out).toMatch(/heard +3 1 4 1 5 9\n/);
  expect(out).toMatch(/caffeine +-?\d\.\d\d log mol\/l +-?\d\.\d\d +[A-Z][a-z]?\d+ \d+ %/);
  expect(out).toMatch(/ 3 +no words at all +Genetic Algorithms/);
  expect(out).toMatch(/ 7 +no words at all +Reinforcement Learning/);
  expect(out).toMatch(/^ +ankle boot \d\d %/m);
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
  const { code, out } = await runChild(["attend", "I saw"], { FORCE_COLOR: "1" });
  expect(code).toBe(0);
  expect(out).toContain("\u001b[36m██\u001b[39m");
});

test("attend ends on SIGINT with 130", async () => {
  const words = Array.from({ length: 15_000 }, (_, i) => `w${i % 5000}`);
  const ended = runChild(["attend", ...words], {}, (child) => setTimeout(() => child.kill("SIGINT"), 1500));
  expect(await ended).toEqual({ code: 130, out: "", err: "Stopped by SIGINT\n" });
});

test("a wrong option exits with 2 and prints no result", async () => {
  const { code, out, err } = await runChild(["attend", "x", "--heads", "zero"]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("Cannot read --heads");
});
