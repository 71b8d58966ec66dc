import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../src/cli/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const softmax = {
  case: "two",
  op: "Softmax",
  domain: "ai.onnx",
  opset: { "ai.onnx": 13 },
  attributes: {},
  inputNames: ["x"],
  outputNames: ["y"],
  inputs: [{ name: "x", dtype: "float32", dims: [1, 2], data: [3, "-Infinity"] }],
  outputs: [{ name: "y", dtype: "float32", dims: [1, 2], data: [1, 0] }],
};

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function run(...args: string[]): Promise<{ code: number; out: string[]; notes: string[] }> {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCli(args, { out: (line) => out.push(line), note: (line) => notes.push(line) });
  return { code, out, notes };
}

describe("conformance --cases", () => {
  test("prints a line per case and passes", async () => {
    const { code, out, notes } = await run("--cases", write("good.json", [softmax]), "--backend", "reference");
    expect(code).toBe(0);
    expect(out).toEqual(["pass  two  0.0e+0"]);
    expect(notes).toEqual(["reference: 1 passed, 0 failed, 0 not applicable"]);
  });

  test("prints a line per case and backend as JSON", async () => {
    const path = write("json.json", [softmax, { ...softmax, case: "other", op: "toString" }]);
    const { code, out } = await run("--cases", path, "--backend", "reference", "--backend", "wasm", "--json");
    expect(code).toBe(0);
    const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => [line["case"], line["backend"], line["status"]])).toEqual([
      ["two", "reference", "pass"],
      ["other", "reference", "n/a"],
      ["two", "wasm", "pass"],
      ["other", "wasm", "n/a"],
    ]);
    expect(Object.keys(lines[0]!)).toEqual(["case", "backend", "status", "error", "tolerance", "reason"]);
    expect(lines[0]).toMatchObject({ tolerance: 2e-5 });
    expect(lines[1]!["reason"]).toMatch(/toString is none of ours/);
  });

  test("exits with 1 where a case fails", async () => {
    const wrong = { ...softmax, outputs: [{ ...softmax.outputs[0], data: [0.9999, 0.0001] }] };
    const nan = { ...softmax, outputs: [{ ...softmax.outputs[0], data: ["NaN", 0] }] };
    const shape = { ...softmax, outputs: [{ ...softmax.outputs[0], dims: [2] }] };
    const { code, out } = await run(
      "--cases",
      write("wrong.json", [wrong, nan, shape]),
      "--backend",
      "reference",
      "--json",
    );
    expect(code).toBe(1);
    const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line["status"])).toEqual(["fail", "fail", "fail"]);
    expect(lines[0]!["error"]).toBeCloseTo(1e-4, 6);
    expect(lines[1]!["error"]).toBe("Infinity");
    expect(lines[2]!["reason"]).toBe("y must be [2], it is [1, 2]");
  });

  test("fails a case that its operator does not allow, and goes on", async () => {
    const path = write("axis.json", [{ ...softmax, attributes: { axis: 7 } }, softmax]);
    const { code, out } = await run("--cases", path, "--backend", "reference");
    expect(code).toBe(1);
    expect(out[0]).toMatch(/^fail {2}two .*RangeError: Cannot run Softmax: axis must be in -2 \.\. 1, it is 7/);
    expect(out[1]).toMatch(/^pass/);
  });

  test.each([
    ["a file that is not there", "missing.json", null, /CliError: Cannot read cases from .*missing\.json/],
    ["a file that is not JSON", "broken.json", "[{", /CaseFileError: .*the file must be JSON/],
    ["a file that is not an array", "object.json", {}, /the file must hold an array, it holds an object/],
    ["a case without an operator", "op.json", [{ ...softmax, op: 3 }], /case "two": op must be a string, it is 3/],
    [
      "a tensor of too few values",
      "few.json",
      [{ ...softmax, inputs: [{ ...softmax.inputs[0], dims: [1, 3] }] }],
      /data must hold 3 values as dims say, it holds 2/,
    ],
    [
      "a tensor larger than memory",
      "huge.json",
      [{ ...softmax, inputs: [{ ...softmax.inputs[0], dims: [2 ** 40, 2 ** 40] }] }],
      /data must hold/,
    ],
    [
      "an unknown element type",
      "dtype.json",
      [{ ...softmax, inputs: [{ ...softmax.inputs[0], dtype: "constructor" }] }],
      /dtype must be one of float32/,
    ],
    [
      "a value that is no number",
      "value.json",
      [{ ...softmax, inputs: [{ ...softmax.inputs[0], data: [1, "x"] }] }],
      /data\[1\] must be a number/,
    ],
  ])("exits with 2 for %s", async (_what, name, content, message) => {
    const path = content === null ? join(folder, name) : write(name, content);
    const { code, out, notes } = await run("--cases", path, "--backend", "reference");
    expect([code, out]).toEqual([2, []]);
    expect(notes.join("\n")).toMatch(message);
  });
});

describe("conformance", () => {
  test.each([
    [
      ["--backend", "webgl"],
      /CliError: Cannot open backend "webgl": it must be one of reference, wasm, webgpu, or the path of a module/,
    ],
    [["--cases", "x.json"], /--backend must be given/],
    [["--frobnicate"], /CliError: Cannot read the command: Unknown option '--frobnicate'/],
    [["stray"], /CliError: Cannot read the command: .*stray/],
    [["--write", "--json"], /--write must go without --cases and --json/],
    [["--backend", "./none.js"], /CliError: Cannot open backend "\.\/none\.js": the module must load/],
  ])("exits with 2 for %j", async (args, message) => {
    const { code, notes } = await run(...args);
    expect(code).toBe(2);
    expect(notes.join("\n")).toMatch(message);
  });

  test("--help says how to call it", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    expect(out.join("\n")).toContain("--backend NAME");
  });

  test("runs a backend of a module", async () => {
    const core = new URL("../../attention-core/src/reference/index.ts", import.meta.url).href;
    const module = write(
      "backend.mjs",
      `import { createReferenceBackend } from ${JSON.stringify(core)}; export const createBackend = () => createReferenceBackend();`,
    );
    const { code, out } = await run("--cases", write("module.json", [softmax]), "--backend", module);
    expect([code, out]).toEqual([0, ["pass  two  0.0e+0"]]);
    const empty = write("empty.mjs", "export {};");
    expect((await run("--cases", write("again.json", [softmax]), "--backend", empty)).notes[0]).toMatch(
      /must export a function createBackend/,
    );
  });
});
