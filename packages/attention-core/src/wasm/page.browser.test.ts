// What a page is given, isolated or not.

import { afterAll, describe, expect, it } from "vitest";
import { asyncDispose } from "../disposal.ts";
import { differingBits, runLayer, sharedLayer, smallLayer } from "../../test/wasm-work.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";

const opened: WasmBackend[] = [];
async function open(threads: number): Promise<WasmBackend> {
  const backend = await createWasmBackend({ threads });
  opened.push(backend);
  return backend;
}
afterAll(async () => {
  for (const backend of opened) await backend[asyncDispose]();
});

describe.runIf(crossOriginIsolated)("createWasmBackend() on an isolated page", () => {
  it("has the threads it was asked for, over a shared memory, and gives the bits of one thread", async () => {
    const one = await open(1);
    expect(one).toMatchObject({ threads: 1, reason: null });
    expect(one.binary).not.toMatch(/-shared$/);
    for (const threads of [2, 4]) {
      const several = await open(threads);
      expect(several).toMatchObject({ threads, reason: null });
      expect(several.binary).toMatch(/-shared$/);
      for (const size of [smallLayer, sharedLayer]) {
        expect(differingBits(await runLayer(several, size), await runLayer(one, size))).toEqual([]);
      }
    }
  });
});

describe.runIf(!crossOriginIsolated)("createWasmBackend() on a page that is not isolated", () => {
  it("has one thread whatever it was asked for, tells why, and gives the same bits", async () => {
    const [one, four] = [await open(1), await open(4)];
    expect(one).toMatchObject({ threads: 1, reason: null });
    expect(four).toMatchObject({ threads: 1, reason: "no-cross-origin-isolation", binary: one.binary });
    expect(four.binary).not.toMatch(/-shared$/);
    for (const size of [smallLayer, sharedLayer]) {
      expect(differingBits(await runLayer(four, size), await runLayer(one, size))).toEqual([]);
    }
  });
});
