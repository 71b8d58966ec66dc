// How work gets to the device: in how few submissions, how soon one gives up, and what becomes of work that goes wrong.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { countedGpu, type DeviceCounts, replace } from "../../test/counted-gpu.ts";
import { asyncDispose, dispose } from "../disposal.ts";
import { GpuError } from "./gpu-error.ts";
import { createWebgpuBackend } from "./index.ts";
import type { Kernel } from "./kernel.ts";
import type { Webgpu } from "./webgpu-backend.ts";
import type { GpuWorkspace } from "./workspace.ts";

const found = await countedGpu(globalThis.navigator.gpu);
if (found === null) console.warn("Skipped: the queue of the GPU, there is no adapter here");

/** A kernel of which each unit takes as long as it is told. */
const slowKernel: Kernel = {
  key: "slow",
  threads: 1,
  bindings: [{ name: "y", element: "f32", writes: true }],
  parameters: [["steps", "u32"]],
  body: `
  var x = y[0];
  for (var i = 0u; i < p.steps; i += 1u) { x = fract(x * 1.5 + 0.1); }
  y[0] = x;`,
};

describe.skipIf(found === null)("GpuQueue", () => {
  let backend: Webgpu;
  let counts: DeviceCounts;
  let longest = 0;
  beforeAll(async () => {
    const opened = (await countedGpu(globalThis.navigator.gpu, { onDevice: (device) => watch(device) }))!;
    counts = opened.counts;
    backend = (await createWebgpuBackend({ gpu: opened.gpu, software: true })) as Webgpu;
  });
  afterAll(async () => backend[asyncDispose]());
  afterEach(() => (longest = 0));

  /** Measures how long the device takes from a submission until it is idle. */
  function watch(device: GPUDevice): void {
    const submit = device.queue.submit.bind(device.queue);
    replace(device.queue, "submit", (buffers: Iterable<GPUCommandBuffer>) => {
      const start = performance.now();
      submit(buffers);
      void device.queue.onSubmittedWorkDone().then(
        () => (longest = Math.max(longest, performance.now() - start)),
        () => {},
      );
    });
  }

  /** What is left once all that was given back is. */
  async function liveBytes(): Promise<number> {
    const workspace = backend.workspace();
    await workspace.checkpoint();
    workspace[dispose]();
    return backend.liveBytes;
  }

  /** Work of `units` steps of about a millisecond here. */
  function beSlow(workspace: GpuWorkspace, units: number): ReturnType<GpuWorkspace["make"]> {
    const y = workspace.make([1], "f32");
    workspace.fill(y, 0.5);
    workspace.run(slowKernel, [workspace.buffer(y)], [30_000], units, 30_000);
    return y;
  }

  it("makes a whole forward pass and all its reads one submission and one mapping", async () => {
    const forward = async (workspace: GpuWorkspace): Promise<unknown> => {
      const x = workspace.upload(Float32Array.of(1, 2, 3, 4), [2, 2]);
      const offsets = Int32Array.of(0, 2);
      const { output, maps } = workspace.attention(x, x, x, backend.plan(offsets, offsets, { kind: "causal" }), {
        heads: 1,
        maps: { logSumExp: true, columnSums: true },
      });
      const y = workspace.linear(workspace.add(output, x), x);
      const all = [y, output, maps.logSumExp!, maps.columnSums!, workspace.pool(y, offsets, "max")];
      return Promise.all(all.map(async (each) => workspace.read(each)));
    };
    const first = backend.workspace();
    await forward(first);
    first[dispose]();
    await backend.queue.idle();
    const { submissions, mappings } = counts;
    const second = backend.workspace();
    await forward(second);
    expect([counts.submissions - submissions, counts.mappings - mappings]).toEqual([1, 1]);
    second[dispose]();
  });

  it("compiles each kernel once", async () => {
    const workspace = backend.workspace();
    const x = workspace.upload(Float32Array.of(1, 2), [2]);
    const run = async (): Promise<unknown> => workspace.read(workspace.activate(workspace.activate(x, "silu"), "silu"));
    await run();
    const { pipelines } = counts;
    await run();
    expect(counts.pipelines).toBe(pipelines);
    workspace[dispose]();
  });

  it("keeps submissions short, the first one of a kernel too, and gives up soon after an abort", async () => {
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    const read = workspace.read(beSlow(workspace, 100_000));
    const reason = new Error("no longer wanted");
    const settled = read.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const start = performance.now();
    controller.abort(reason);
    expect(await settled).toBe(reason);
    const wait = performance.now() - start;
    workspace[dispose]();
    // Another workspace gets its turn once the submission under way is done.
    const next = backend.workspace();
    expect(await next.read(next.upload(Float32Array.of(7), [1]))).toEqual(Float32Array.of(7));
    const turn = performance.now() - start;
    next[dispose]();
    console.info(
      `rejected ${wait.toFixed(0)} ms after the abort, next read at ${turn.toFixed(0)} ms, longest submission ${longest.toFixed(0)} ms`,
    );
    expect(wait).toBeLessThan(300);
    expect(await liveBytes()).toBe(0);
  });

  it("leaves out what a workspace was to do that is disposed while nobody waits", async () => {
    const workspace = backend.workspace();
    beSlow(workspace, 1_000_000);
    workspace[dispose]();
    const next = backend.workspace();
    const start = performance.now();
    await next.checkpoint();
    expect(performance.now() - start).toBeLessThan(5000);
    next[dispose]();
    expect(await liveBytes()).toBe(0);
  });

  it("does what a disposed workspace was asked to keep or to read", async () => {
    const workspace = backend.workspace();
    const x = workspace.upload(Float32Array.of(1, 2), [2]);
    const kept = workspace.keep(workspace.add(x, x));
    const read = workspace.read(workspace.multiply(x, x));
    workspace[dispose]();
    expect(await read).toEqual(Float32Array.of(1, 4));
    const next = backend.workspace();
    expect(await next.read(kept)).toEqual(Float32Array.of(2, 4));
    next[dispose]();
    kept[dispose]();
  });

  it("fails the workspace whose kernel does not compile, and no other", async () => {
    const [wrong, right] = [backend.workspace(), backend.workspace()];
    const y = wrong.make([1], "f32");
    wrong.run({ ...slowKernel, key: "wrong", body: "let from = 1;" }, [wrong.buffer(y)], [1], 1, 1);
    const failed = wrong.read(y);
    const outcome = failed.catch((error: unknown) => error);
    expect(await right.read(right.upload(Float32Array.of(3), [1]))).toEqual(Float32Array.of(3));
    expect(await outcome).toBeInstanceOf(GpuError);
    expect(((await outcome) as Error).message).toMatch(/^Cannot compile wrong: line \d+: .*reserved/);
    await expect(wrong.checkpoint()).rejects.toBeInstanceOf(GpuError);
    wrong[dispose]();
    right[dispose]();
  });

  it("fails the workspace whose work breaks a rule of the device, and no other", async () => {
    const wrong = backend.workspace();
    const x = wrong.upload(Float32Array.of(1), [1]);
    wrong.copy(wrong.buffer(x), 0, wrong.buffer(x), 2 ** 20, 4);
    await expect(wrong.read(x)).rejects.toMatchObject({ name: "GpuError", kind: "validation" });
    wrong[dispose]();
    const right = backend.workspace();
    expect(await right.read(right.upload(Float32Array.of(3), [1]))).toEqual(Float32Array.of(3));
    right[dispose]();
  });
});
