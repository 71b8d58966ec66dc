// No growth: what a batch takes comes back, whatever becomes of the batch.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import type { Tensor, Workspace } from "../index.ts";
import {
  delay,
  differingBits,
  type LayerSize,
  runLayer,
  sharedLayer,
  smallLayer,
  submitLayer,
  submitLong,
  withWorkspace,
} from "../../test/wasm-work.ts";
import { createThread } from "./create-thread.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";

const reason = new Error("stopped");

/** One batch that comes to its end. */
async function complete(backend: WasmBackend, size: LayerSize): Promise<void> {
  await runLayer(backend, size);
}

/** One batch of each kind that does not. */
const interrupted: readonly ((backend: WasmBackend, size: LayerSize) => Promise<void>)[] = [
  // aborted before its work is done
  async (backend, size) => {
    const controller = new AbortController();
    await withWorkspace(
      backend,
      async (workspace) => {
        const results = submitLayer(backend, workspace, size);
        await workspace.read(results[0]!);
        submitLayer(backend, workspace, size);
        controller.abort(reason);
        await expect(workspace.checkpoint()).rejects.toBe(reason);
        submitLayer(backend, workspace, size);
      },
      controller.signal,
    );
  },
  // aborted and disposed while the work is under way
  async (backend, size) => {
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    const work = Promise.all([
      workspace.read(submitLong(backend, workspace, 5000, 2)),
      ...submitLayer(backend, workspace, size).map((x) => workspace.read(x)),
    ]);
    const outcome = work.catch((error: unknown) => error);
    await delay(0);
    controller.abort(reason);
    workspace[dispose]();
    expect(await outcome).toBe(reason);
    while (!settled(backend)) await delay(0);
  },
  // disposed with work that nobody waits for
  async (backend, size) => {
    await withWorkspace(backend, (workspace) => submitLayer(backend, workspace, size));
  },
  // disposed before its reads are done
  async (backend, size) => {
    const reads = await withWorkspace(backend, (workspace) => ({
      all: Promise.all(submitLayer(backend, workspace, size).map((x) => workspace.read(x))),
    }));
    await reads.all;
  },
  // tensors given back one by one
  async (backend, size) => {
    await withWorkspace(backend, async (workspace) => {
      const results = submitLayer(backend, workspace, size);
      const reads = results.map((x) => workspace.read(x));
      for (const x of results) x[dispose]();
      await Promise.all(reads);
    });
  },
  // what was kept, disposed before the work, after it, and after its workspace
  async (backend, size) => {
    const kept = await withWorkspace(backend, async (workspace) => {
      const results = submitLayer(backend, workspace, size);
      const copies = results.map((x) => workspace.keep(x));
      copies.pop()![dispose]();
      await workspace.checkpoint();
      copies.pop()![dispose]();
      const [P, W] = results[0]!.shape as [number, number];
      return [...copies, workspace.keep(results[0]!), workspace.keep(workspace.reshape(copies[0]!, [W, P]))];
    });
    await withWorkspace(backend, (workspace) => workspace.read(workspace.add(kept[0]!, kept[0]!)));
    for (const x of kept) x[dispose]();
  },
  // weights that are used, packed and given back
  async (backend) => {
    const weight = backend.upload(new Float32Array(24 * 40).fill(1), [24, 40]);
    const turned = backend.upload(new Float32Array(24 * 40).fill(1), [24 * 40]);
    await withWorkspace(backend, async (workspace: Workspace) => {
      const x = workspace.upload(new Float32Array(5 * 24), [5, 24]);
      const views: Tensor[] = [weight, workspace.reshape(turned, [24, 40]), workspace.reshape(turned, [24, 40])];
      for (const view of views) await workspace.read(workspace.linear(x, view));
      const y = workspace.upload(new Float32Array(5 * 40), [5, 40]);
      await workspace.read(workspace.linear(y, workspace.reshape(turned, [40, 24])));
    });
    weight[dispose]();
    turned[dispose]();
  },
];

/** Whether no workspace holds anything: then only weights and scratch are alive. */
let idleBytes = 0;
const settled = (backend: WasmBackend): boolean => backend.liveBytes <= idleBytes;

describe.each([
  { threads: 1, size: smallLayer, runs: 1000 },
  { threads: 2, size: sharedLayer, runs: 70 },
])("WasmBackend with $threads threads", ({ threads, size, runs }) => {
  let backend: WasmBackend;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads });
    idleBytes = Infinity;
    for (let i = 0; i < 2; i += 1) {
      await complete(backend, size);
      for (const run of interrupted) await run(backend, size);
    }
    idleBytes = backend.liveBytes;
  });
  afterAll(() => backend[asyncDispose]());

  it(`memoryBytes and liveBytes are the same after ${runs} batches, some of them aborted, dropped or kept`, async () => {
    const [live, memory] = [backend.liveBytes, backend.memoryBytes];
    for (let i = 0; i < runs; i += 1) {
      await complete(backend, size);
      if (i % 10 === 0) await interrupted[(i / 10) % interrupted.length]!(backend, size);
      expect(backend.liveBytes, `after batch ${i}`).toBe(live);
    }
    expect([backend.liveBytes, backend.memoryBytes]).toEqual([live, memory]);
  });

  it("liveBytes stays within one workspace whose results are disposed, maps included", async () => {
    await withWorkspace(backend, async (workspace) => {
      const [P, heads] = [2200, 8]; // for every piece to be a large one, which goes before its workspace
      const offsets = Int32Array.of(0, P);
      const plan = backend.plan(offsets, offsets, { kind: "window", left: 30, right: 5 });
      const x = workspace.upload(new Float32Array(P * 64), [P, 64]);
      const weight = workspace.upload(new Float32Array(64 * 64), [64, 64]);
      const lives: number[] = [];
      for (let i = 0; i < 20; i += 1) {
        const maps = { columnSums: true, entropy: true };
        const q = workspace.linear(x, weight);
        const attended = workspace.attention(q, x, x, plan, { heads, maps });
        for (const made of [q, attended.output, ...(Object.values(attended.maps) as Tensor[])]) made[dispose]();
        await workspace.checkpoint();
        lives.push(backend.liveBytes);
      }
      // Small pieces come from a chunk, of which one more may have been taken.
      expect(lives.at(-1)! - lives[0]!).toBeLessThanOrEqual(262_144);
    });
  });

  it("memoryBytes stays when batches of changing sizes come again in another order", async () => {
    const sizes = [3, 90, 41, 7, 120, 66].map((length) => ({ ...size, lengths: [length, 2 * length] }));
    for (const each of sizes) await complete(backend, each);
    const [live, memory] = [backend.liveBytes, backend.memoryBytes];
    for (let i = 0; i < 5; i += 1) {
      for (const each of sizes.toReversed()) await complete(backend, each);
      sizes.push(sizes.shift()!);
    }
    expect([backend.liveBytes, backend.memoryBytes]).toEqual([live, memory]);
  });
});

it("createWasmBackend() opens fifty backends one after another, each of which gives the same bits and ends its threads", async () => {
  let [running, most] = [0, 0];
  const countedThread: typeof createThread = () => {
    const thread = createThread();
    running += 1;
    most = Math.max(most, running);
    return {
      ...thread,
      listen: (onMessage, onEnd) =>
        thread.listen(onMessage, (why) => {
          if (why.startsWith("the thread ended")) running -= 1;
          onEnd(why);
        }),
    };
  };
  let expected: Float32Array[] | null = null;
  for (let i = 0; i < 50; i += 1) {
    const backend = await createWasmBackend({ threads: 1 + (i % 2), createThread: countedThread });
    const results = await runLayer(backend, smallLayer);
    expected ??= results;
    expect(differingBits(results, expected)).toEqual([]);
    await backend[asyncDispose]();
  }
  for (let turn = 0; turn < 200 && running > 0; turn += 1) await delay(5);
  expect(running).toBe(0);
  expect(most).toBeGreaterThan(0);
});
