// Slices: what a thread packed before one is there after it or is packed anew, and none of them is long.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import type { Tensor, Workspace } from "../index.ts";
import {
  delay,
  differingBits,
  executorOf,
  leastWaits,
  repeatedValues,
  submitLong,
  watchEventLoop,
  withWorkspace,
} from "../../test/wasm-work.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";

/** Ends every slice after one step. */
function shortenSlices(backend: WasmBackend): void {
  let asked = 0;
  Object.defineProperty(executorOf(backend), "due", { get: () => (asked += 1) % 2 === 0 });
}

describe.each([1, 2])("Executor with %i threads", (threads) => {
  let backend: WasmBackend;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads });
    shortenSlices(backend);
  });
  afterAll(() => backend[asyncDispose]());

  it("gives the same bits for jobs that take turns, each with what it packed in the same scratch", async () => {
    const run = (positions: number): Promise<Float32Array> =>
      withWorkspace(backend, (workspace) => workspace.read(submitLong(backend, workspace, positions, 2)));
    const positions = [1203, 900, 1501];
    const expected: Float32Array[] = [];
    for (const each of positions) expected.push(await run(each));
    expect(differingBits(await Promise.all(positions.map(run)), expected)).toEqual([]);
  });

  it("does not take for packed what stands where the scratch moves to while a job is under way", async () => {
    const fresh = await createWasmBackend({ threads });
    const executor = executorOf(fresh);
    shortenSlices(fresh);
    const { heap } = executor;
    // What stands at the start of the old scratch will stand at the start of the new one.
    let scratch = 0;
    const reserve = executor.reserve.bind(executor);
    const allocate = heap.allocate.bind(heap);
    executor.reserve = (bytes) => {
      heap.allocate = (size) => {
        const address = allocate(size);
        if (scratch !== 0) heap.bytes.copyWithin(address, scratch, scratch + 64);
        scratch = address;
        return address;
      };
      reserve(bytes);
      heap.allocate = allocate;
    };
    const workspace = fresh.workspace();
    const read = workspace.read(submitLong(fresh, workspace, 1203, 2));
    await delay(0);
    const before = scratch;
    const other = fresh.workspace();
    const second = submitLong(fresh, other, 3000, 2);
    expect(scratch).not.toBe(before); // otherwise nothing was shown
    const expected = await withWorkspace(backend, (third) => third.read(submitLong(backend, third, 1203, 2)));
    expect(differingBits([await read], [expected])).toEqual([]);
    await other.read(second);
    for (const each of [workspace, other]) each[dispose]();
    await fresh[asyncDispose]();
  });

  it("packs a weight in between without touching what a job has packed", async () => {
    const weight = backend.upload(repeatedValues(64 * 640), [64, 640]);
    const expected = await withWorkspace(backend, (workspace) =>
      workspace.read(submitLong(backend, workspace, 1203, 2)),
    );
    const workspace = backend.workspace();
    const read = workspace.read(submitLong(backend, workspace, 1203, 2));
    await delay(0);
    await withWorkspace(backend, (other) =>
      other.read(other.linear(other.upload(repeatedValues(64), [1, 64]), weight)),
    );
    expect(differingBits([await read], [expected])).toEqual([]);
    workspace[dispose]();
    weight[dispose]();
  });
});

describe.each([1, 2])("Executor.reserve() with %i threads", (threads) => {
  it("gives the old scratch back when it grows, at once or after the job that uses it", async () => {
    const backend = await createWasmBackend({ threads });
    const executor = executorOf(backend);
    const reserved: number[] = [];
    for (const bytes of [1, 5000, 4000, 20_000, 8192, 8193]) {
      executor.reserve(bytes);
      reserved.push(backend.liveBytes / threads);
    }
    expect(reserved).toEqual([4096, 8192, 8192, 20_480, 20_480, 20_480]);
    const workspace = backend.workspace();
    const read = workspace.read(submitLong(backend, workspace, 2000, 2));
    const [live, scratch] = [backend.liveBytes, 2 ** 24];
    executor.reserve(scratch);
    expect(backend.liveBytes).toBeLessThanOrEqual(live + scratch * threads);
    await read;
    workspace[dispose]();
    expect(backend.liveBytes).toBe(scratch * threads);
    await backend[asyncDispose]();
  });
});

/** Work that takes long, each of another kernel. */
const long: Readonly<Record<string, (workspace: Workspace, backend: WasmBackend) => Tensor>> = {
  "attention() with every map": (workspace, backend) => {
    const x = workspace.upload(repeatedValues(8000 * 256), [8000, 256]);
    const offsets = Int32Array.of(0, 8000);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    const maps = { topK: 8, columnSums: true, entropy: true, rows: Int32Array.of(1, 5, 5) };
    return workspace.attention(x, x, x, plan, { heads: 4, maps }).maps.entropy!;
  },
  "attention() of another normalizer": (workspace, backend) => {
    const x = workspace.upload(repeatedValues(8000 * 256), [8000, 256]);
    const offsets = Int32Array.of(0, 8000);
    const plan = backend.plan(offsets, offsets, { kind: "causal" });
    return workspace.attention(x, x, x, plan, { heads: 4, normalizer: "relu" }).output;
  },
  "linear() of many columns": (workspace) =>
    workspace.linear(
      workspace.upload(repeatedValues(300 * 512), [300, 512]),
      workspace.upload(repeatedValues(512 * 30_000), [512, 30_000]),
    ),
};

describe("WasmBackend with one thread", () => {
  it.each(Object.keys(long))("%s keeps the event loop waiting for no more than 60 ms", async (name) => {
    const backend = await createWasmBackend();
    const executor = executorOf(backend);
    const advance = executor.advance.bind(executor);
    let largestUnit = 0;
    executor.advance = (job, progress) => {
      largestUnit = Math.max(largestUnit, job.unitCost);
      return advance(job, progress);
    };
    const { longest, usual } = await leastWaits(60, async () => {
      const controller = new AbortController();
      const workspace = backend.workspace(controller.signal);
      long[name]!(workspace, backend);
      await delay(2);
      const loop = watchEventLoop();
      const done = workspace.checkpoint().catch(() => {});
      setTimeout(() => controller.abort(), 120);
      await done;
      const waits = loop.stop();
      workspace[dispose]();
      return waits;
    });
    await backend[asyncDispose]();
    console.log(
      `${name}: the event loop had to wait ${usual.toFixed(1)} ms as a rule, ${longest.toFixed(1)} ms at most`,
    );
    expect(largestUnit).toBeLessThanOrEqual(2 ** 28); // multiply-adds: less than ten milliseconds
    expect(usual).toBeLessThanOrEqual(60);
  });
});
