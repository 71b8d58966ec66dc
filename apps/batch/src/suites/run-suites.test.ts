import type { Backend } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { type OnnxCase, readOnnxCases } from "@saccade/conformance";
import { describe, expect, test } from "vitest";
import { readOnnxSuites } from "./onnx-cases.ts";
import { runSuites } from "./run-suites.ts";

const { signal } = new AbortController();
const onCase = (): void => {};

function softmaxCase(name: string, expected: number): OnnxCase[] {
  const tensor = (tensorName: string, data: number[]): object => ({
    name: tensorName,
    dtype: "float32",
    dims: [1, 2],
    data,
  });
  return readOnnxCases([
    {
      case: name,
      op: "Softmax",
      inputNames: ["x"],
      outputNames: ["y"],
      inputs: [tensor("x", [1, 1])],
      outputs: [tensor("y", [expected, 0.5])],
    },
  ]);
}

describe("runSuites()", () => {
  test("counts by suite, and says why a case failed", async () => {
    // A backend that plans nothing: every case of attention fails, those of rows do not.
    const open = async (): Promise<Backend> => {
      const plan = (): never => {
        throw new Error("no plan");
      };
      return { ...methodsOf(createReferenceBackend()), plan };
    };
    const onnx = new Map([["ours", [...softmaxCase("right", 0.5), ...softmaxCase("wrong", 0.75)]]]);
    const outcomes = await runSuites({ open, onnx, signal, onCase });
    const of = (name: string): (typeof outcomes)[number] => outcomes.find(({ suite }) => suite === name)!;
    expect(of("attention: patterns").passed).toBe(0);
    expect(of("attention: patterns").failed[0]).toMatch(/Error: no plan$/);
    expect(of("row operations").failed).toEqual([]);
    expect(of("row operations").passed).toBeGreaterThan(100);
    expect(of("ours")).toMatchObject({ passed: 1, notApplicable: 0 });
    expect(of("ours").failed[0]).toContain("wrong: ");
  });

  test("stops between cases when its signal aborts", async () => {
    const stop = new AbortController();
    let cases = 0;
    const running = runSuites({
      open: async () => createReferenceBackend(),
      onnx: new Map(),
      signal: stop.signal,
      onCase: () => {
        cases += 1;
        if (cases === 3) stop.abort(new Error("stopped"));
      },
    });
    await expect(running).rejects.toThrow("stopped");
    expect(cases).toBe(3);
  });

  test("opens a backend anew once its device is lost", async () => {
    let opened = 0;
    const open = async (): Promise<Backend> => {
      opened += 1;
      const backend = createReferenceBackend();
      if (opened > 1) return backend;
      return { ...methodsOf(backend), lost: Promise.resolve("unplugged") };
    };
    const stop = new AbortController();
    const onThird = (done: number): void => {
      if (done === 2) stop.abort(new Error("enough"));
    };
    await expect(runSuites({ open, onnx: new Map(), signal: stop.signal, onCase: onThird })).rejects.toThrow("enough");
    expect(opened).toBe(2);
  });
});

/** The backend as a plain object. */
function methodsOf(backend: Backend): Backend {
  return {
    name: backend.name,
    limits: backend.limits,
    lost: backend.lost,
    upload: backend.upload.bind(backend),
    plan: backend.plan.bind(backend),
    workspace: backend.workspace.bind(backend),
    [Symbol.asyncDispose]: backend[Symbol.asyncDispose].bind(backend),
  };
}

test("readOnnxSuites() says that cases are missing where they are", () => {
  const { suites, missing } = readOnnxSuites("/nowhere");
  expect(suites.size).toBe(0);
  expect(missing).toContain("ONNX cases are not here");
});
