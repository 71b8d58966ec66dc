// A call that is given up ends soon, with the signal's reason, and nothing of it goes on in memory that is not its
// own any more. Times are printed; the bounds are wide, and hold in the best of a few attempts, because machines are busy.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import {
  delay,
  differingBits,
  executorOf,
  leastWaits,
  repeatedValues,
  runLayer,
  sharedLayer,
  submitLong,
  watchEventLoop,
  withWorkspace,
} from "../../test/wasm-work.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";

const positions = 20_000;
const attempts = 6;
const reason = new Error("no longer wanted");

/** The smallest of what up to six attempts measure; no more are made once one is within `bound`. */
async function best(bound: number, measure: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let attempt = 0; attempt < attempts && !(least <= bound); attempt += 1) least = Math.min(least, await measure());
  return least;
}

/** `x` ms as it is printed. */
const ms = (x: number): string => `${x.toFixed(1)} ms`;

describe.each([1, 2])("WasmBackend asked for %i threads", (threads) => {
  let backend: WasmBackend;
  let expected: Float32Array[];
  let where: string;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads });
    where = `${globalThis.navigator?.userAgent.includes("Chrom") ? "Chromium" : "Node"}, ${backend.binary}, ${backend.threads} threads`;
    expected = await runLayer(backend, sharedLayer);
  });
  afterAll(() => backend[asyncDispose]());

  it("read() of an attention over 20,000 positions rejects with the reason within 150 ms of the abort, and the next call is right", async () => {
    const [bound, after] = [150, 30];
    const latency = await best(bound, async () => {
      const controller = new AbortController();
      const workspace = backend.workspace(controller.signal);
      const promises = [workspace.read(submitLong(backend, workspace, positions)), workspace.checkpoint()];
      const due = performance.now() + after;
      let [aborted, settled] = [0, 0];
      setTimeout(() => {
        aborted = performance.now();
        controller.abort(reason);
      }, after);
      const outcomes = await Promise.allSettled(promises);
      settled = performance.now();
      expect(outcomes).toEqual(promises.map(() => ({ status: "rejected", reason })));
      expect(aborted).toBeGreaterThan(0);
      const next = runLayer(backend, sharedLayer);
      workspace[dispose]();
      expect(differingBits(await next, expected)).toEqual([]);
      console.log(
        `${where}: rejected ${ms(settled - aborted)} after abort(), ${ms(settled - due)} after its timer was due`,
      );
      return settled - due;
    });
    expect(latency).toBeLessThanOrEqual(bound);
  });

  it("an aborted attention does not write into the memory of its workspace after that is disposed", async () => {
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    const before = backend.liveBytes;
    const { heap, pool } = executorOf(backend);
    // Whether no thread was at it, each time that memory was given back.
    const quiet: boolean[] = [];
    const free = heap.free.bind(heap);
    heap.free = (address) => {
      quiet.push(pool?.quiet ?? true);
      free(address);
    };
    const read = workspace.read(submitLong(backend, workspace, 8000));
    const taken = backend.liveBytes - before;
    await delay(10);
    controller.abort(reason);
    workspace[dispose](); // while threads may still be at it
    await expect(read).rejects.toBe(reason);
    heap.free = free;
    expect(new Set(quiet)).toEqual(new Set([true]));
    const memory = backend.memoryBytes;
    await withWorkspace(backend, async (other) => {
      const size = Math.floor(taken / 4);
      const sevens = other.upload(new Float32Array(size).fill(7), [size]);
      expect(backend.memoryBytes).toBe(memory); // in the same place, that is
      await delay(40);
      const values = await other.read(sevens);
      expect(values.findIndex((value) => value !== 7)).toBe(-1);
    });
  });

  it("an attention over 20,000 positions keeps the event loop waiting for no more than 60 ms", async () => {
    const [bound, running] = [60, 150];
    const { longest, usual } = await leastWaits(bound, async () => {
      const controller = new AbortController();
      const workspace = backend.workspace(controller.signal);
      const output = submitLong(backend, workspace, positions);
      await delay(5);
      const loop = watchEventLoop();
      const read = workspace.read(output);
      setTimeout(() => controller.abort(reason), running);
      await expect(read).rejects.toBe(reason);
      const waits = loop.stop();
      workspace[dispose]();
      return waits;
    });
    console.log(`${where}: the event loop had to wait ${ms(usual)} as a rule, ${ms(longest)} at most`);
    expect(usual).toBeLessThanOrEqual(bound);
  });

  it("checkpoint() of many layers rejects soon after an abort", async () => {
    const latency = await best(150, async () => {
      const controller = new AbortController();
      const workspace = backend.workspace(controller.signal);
      let x = workspace.upload(repeatedValues(4000 * 256), [4000, 256]);
      const weight = workspace.upload(
        repeatedValues(256 * 256).map((value) => value / 16),
        [256, 256],
      );
      for (let layer = 0; layer < 400; layer += 1) x = workspace.activate(workspace.linear(x, weight), "gelu");
      const due = performance.now() + 30;
      setTimeout(() => controller.abort(reason), 30);
      await expect(workspace.checkpoint()).rejects.toBe(reason);
      workspace[dispose]();
      return performance.now() - due;
    });
    console.log(`${where}: layers were given up ${ms(latency)} after the abort was due`);
    expect(latency).toBeLessThanOrEqual(150);
  });
});
