// What the host believes of the binaries, against the binaries and the sources that they come from.

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { attentionFields, field } from "./attention-parameters.ts";
import { activationCodes, floatBits, kernelNames } from "./kernels.ts";
import { probeSimd } from "./loader.ts";
import { gradientKernelNames } from "./training/kernels.ts";
import * as places from "./thread-control.ts";

const source = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), "utf8");

const inference: readonly string[] = kernelNames;
const training: readonly string[] = [...kernelNames, ...gradientKernelNames];

describe("kernelNames and gradientKernelNames", () => {
  it.each(["simd", "simd-shared", "relaxed", "relaxed-shared"].flatMap((name) => [name, `training-${name}`]))(
    "are the functions that the binary %s exports",
    async (name) => {
      const names = name.startsWith("training-") ? training : inference;
      const bytes = await readFile(new URL(`../../binaries/${name}.wasm`, import.meta.url));
      const isShared = name.endsWith("-shared");
      probeSimd(); // turns relaxed SIMD on in Node 20
      if (!WebAssembly.validate(bytes)) return console.warn(`Skipped: ${name}: this engine cannot compile it`);
      const module = await WebAssembly.compile(bytes);
      const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
      expect(functions.map((each) => each.name).toSorted()).toEqual(names.toSorted());
      expect(WebAssembly.Module.imports(module)).toEqual([expect.objectContaining({ module: "env", name: "memory" })]);
      const instantiate = (shared: boolean): WebAssembly.Instance => {
        const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared });
        return new WebAssembly.Instance(module, { env: { memory } });
      };
      expect(() => instantiate(isShared)).not.toThrow();
      expect(() => instantiate(!isShared)).toThrow(WebAssembly.LinkError);
      const { exports } = instantiate(isShared);
      for (const kernel of names) expect((exports[kernel] as (...args: number[]) => void).length).toBe(4);
    },
  );

  it("are unique, as their places are their numbers", () => {
    expect(new Set(training).size).toBe(training.length);
  });
});

describe("attentionFields", () => {
  it("are the fields of the kernels' class Attention, in its order, four bytes each", async () => {
    const text = await source("./kernels/attention-parameters.ts");
    const body = /\bclass Attention \{(.*?)\n\}/s.exec(text)![1]!;
    const fields = [...body.matchAll(/^ {2}(\w+): (\w+);/gm)].map(([, name, type]) => ({ name, type }));
    expect(fields.length).toBeGreaterThan(50);
    expect(fields.map(({ name }) => name)).toEqual([...attentionFields]);
    expect(fields.filter(({ type }) => !["usize", "i32", "f32"].includes(type!))).toEqual([]);
    // Nothing else takes up room in it.
    const rest = body.replaceAll(/\/\/.*$/gm, "").replaceAll(/^ {2}\w+: \w+;/gm, "");
    expect(rest.trim()).toBe("");
  });

  it("have the places that `field` tells", () => {
    expect(Object.keys(field)).toEqual([...attentionFields]);
    expect(attentionFields.map((name) => field[name])).toEqual(attentionFields.map((_, place) => place));
  });
});

describe("thread-control.ts", () => {
  it("has the places that thread.ts reads and writes", async () => {
    const text = await source("./thread.ts");
    const place = (pattern: RegExp): number[] => [...text.matchAll(pattern)].map((match) => Number(match[1]));
    const {
      sequenceAt,
      nextAt,
      busyAt,
      kernelAt,
      parametersAt,
      unitsAt,
      grabAt,
      scratchAt,
      scratchBytesAt,
      endAt,
      trappedAt,
    } = places;
    expect(new Set(place(/seen = Atomics\.load\(control, (\d+)\)/g))).toEqual(new Set([sequenceAt]));
    expect(place(/Atomics\.wait\(control, (\d+), seen\)/g)).toEqual([sequenceAt]);
    expect(place(/Atomics\.load\(control, (\d+)\) === seen/g)).toEqual([sequenceAt]);
    expect(place(/if \(Atomics\.load\(control, (\d+)\) === 1\) return/g)).toEqual([endAt]);
    expect(place(/kernels\[Atomics\.load\(control, (\d+)\)\]/g)).toEqual([kernelAt]);
    expect(place(/parameters = Atomics\.load\(control, (\d+)\)/g)).toEqual([parametersAt]);
    expect(place(/units = Atomics\.load\(control, (\d+)\)/g)).toEqual([unitsAt]);
    expect(place(/grab = Atomics\.load\(control, (\d+)\)/g)).toEqual([grabAt]);
    expect(place(/scratch = \(Atomics\.load\(control, (\d+)\) >>> 0\)/g)).toEqual([scratchAt]);
    expect(place(/index \* Atomics\.load\(control, (\d+)\)/g)).toEqual([scratchBytesAt]);
    expect(place(/from = Atomics\.add\(control, (\d+), grab\)/g)).toEqual([nextAt, nextAt]);
    expect(place(/Atomics\.store\(control, (\d+), 1\)/g)).toEqual([trappedAt]);
    expect(place(/Atomics\.store\(control, (\d+), units\)/g)).toEqual([nextAt]);
    expect(place(/Atomics\.sub\(control, (\d+), 1\)/g)).toEqual([busyAt]);
    // Nothing in it was overlooked.
    expect(place(/\(control, (\d+)/g)).toHaveLength(16);
  });

  it("has room for every place, and none twice", () => {
    const { controlLength, ...rest } = places;
    const all = Object.values(rest);
    expect(new Set(all).size).toBe(all.length);
    expect(Math.max(...all)).toBeLessThan(controlLength);
  });

  it("thread.js is thread.ts without its types", async () => {
    const [script, typed] = await Promise.all([source("../../binaries/thread.js"), source("./thread.ts")]);
    const squeeze = (text: string): string[] => text.match(/Atomics\.\w+\([^)]*\)/g) ?? [];
    expect(squeeze(script)).toEqual(squeeze(typed));
    expect(squeeze(script).length).toBeGreaterThan(10);
  });
});

describe("codes", () => {
  it("of activations are those that the kernels branch on", async () => {
    const text = await source("./kernels/simd.ts");
    const branches = new Map(
      [...text.matchAll(/^ {4}case (\d): return (.*);$/gm)].map(([, code, what]) => [Number(code), what!]),
    );
    const starts = {
      gelu: "gelu(",
      geluTanh: "geluTanh(",
      relu: "relu(",
      silu: "f32x4.mul(x, sig",
      tanh: "tanh(",
      sigmoid: "sigmoid(",
      elu: "elu(",
    };
    expect(branches.size).toBe(7);
    const named = Object.entries(activationCodes).filter(([name, code]) =>
      branches.get(code)?.startsWith(starts[name as keyof typeof starts]),
    );
    expect(named).toHaveLength(7);
  });

  it("of floats are their bits", () => {
    expect([0, -0, 1, -Infinity, 1e-5].map(floatBits)).toEqual([0, -(2 ** 31), 0x3f800000, -0x00800000, 0x3727c5ac]);
  });
});
