// No growth of GPU memory, counted where buffers are created and destroyed.

import { afterEach, describe, expect, it } from "vitest";
import { countedGpu, type DeviceCounts, replace } from "../../test/counted-gpu.ts";
import { asyncDispose, dispose } from "../disposal.ts";
import { OutOfMemoryError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { createWebgpuBackend, type WebgpuBackend } from "./index.ts";
import type { GpuWorkspace } from "./workspace.ts";

const counted = await countedGpu(globalThis.navigator.gpu);
if (counted === null) console.warn("Skipped: GPU memory, there is no adapter here");

let backend: WebgpuBackend | null = null;
async function open(onDevice: (device: GPUDevice) => void = () => {}): Promise<[WebgpuBackend, DeviceCounts]> {
  const { gpu, counts } = (await countedGpu(globalThis.navigator.gpu, { onDevice }))!;
  backend = await createWebgpuBackend({ gpu, software: true });
  return [backend, counts];
}
afterEach(async () => {
  await backend?.[asyncDispose]();
  backend = null;
});

const offsets = Int32Array.of(0, 3, 8);

/** Weights of a small model of one layer. */
function weightsOf(one: WebgpuBackend): { readonly table: Tensor; readonly matrix: Tensor; readonly gain: Tensor } {
  return {
    table: one.upload(new Float32Array(5 * 8).fill(0.1), [5, 8]),
    matrix: one.upload(new Float32Array(64).fill(0.05), [8, 8]),
    gain: one.upload(new Float32Array(8).fill(1), [8]),
  };
}

/** One batch; `abort` gives it up before it is done. */
async function runBatch(one: WebgpuBackend, weights: ReturnType<typeof weightsOf>, abort = false): Promise<void> {
  const controller = new AbortController();
  const workspace = one.workspace(controller.signal);
  const ids = workspace.upload(Int32Array.of(0, 1, 2, 3, 4, 3, 2, 1), [8]);
  const x = workspace.embed(weights.table, ids);
  const plan = one.plan(offsets, offsets, { kind: "full" });
  const { output, maps } = workspace.attention(x, x, x, plan, { heads: 2, maps: { entropy: true } });
  const y = workspace.layerNorm(workspace.linear(output, weights.matrix), weights.gain, null, 1e-5);
  const reads = Promise.all([workspace.read(workspace.pool(y, offsets, "mean")), workspace.read(maps.entropy!)]);
  const settled = reads.catch((error: unknown) => error);
  if (abort) controller.abort(new Error("stopped"));
  workspace[dispose]();
  await settled;
}

describe.skipIf(counted === null)("memory of the GPU", () => {
  it(
    "does not grow over 1,000 runs, some of them given up, and is all gone after dispose",
    { timeout: 600_000 },
    async () => {
      const [one, counts] = await open();
      const weights = weightsOf(one);
      for (let i = 0; i < 20; i += 1) await runBatch(one, weights, i % 10 === 9);
      const { bytes, buffers, created } = counts;
      for (let i = 0; i < 1000; i += 1) await runBatch(one, weights, i % 10 === 9);
      expect([counts.bytes, counts.buffers, counts.created]).toEqual([bytes, buffers, created]);
      expect(one.memoryBytes).toBe(counts.bytes);
      for (const weight of Object.values(weights)) weight[dispose]();
      const workspace = one.workspace();
      await workspace.checkpoint();
      expect(one.liveBytes).toBe(0);
      workspace[dispose]();
      await one[asyncDispose]();
      expect([counts.bytes, counts.buffers, one.memoryBytes]).toEqual([0, 0, 0]);
    },
  );

  it("is all gone after dispose with work under way", async () => {
    const [one, counts] = await open();
    const weights = weightsOf(one);
    const workspace = one.workspace();
    const x = workspace.embed(weights.table, workspace.upload(Int32Array.of(1, 2), [2]));
    const read = workspace.read(workspace.linear(x, weights.matrix));
    const outcome = read.catch((error: unknown) => error);
    await one[asyncDispose]();
    expect(await outcome).toMatchObject({ name: "DisposedError" });
    expect([counts.bytes, counts.buffers]).toEqual([0, 0]);
  });

  it("refuses a tensor beyond the limits before anything is created, and an operation as a whole", async () => {
    const [one, counts] = await open();
    const workspace = one.workspace();
    const width = 2 ** 14;
    const x = workspace.upload(new Float32Array(width), [1, width]);
    const ids = workspace.upload(new Int32Array(2 ** 16), [2 ** 16]);
    await workspace.checkpoint();
    const [before, live] = [counts.created, one.liveBytes];
    expect(() => workspace.embed(x, ids)).toThrow(OutOfMemoryError);
    // The output would fit, the weights of all pairs do not.
    const P = 24_000;
    const rows = Int32Array.of(0, P);
    const q = workspace.upload(new Float32Array(P), [P, 1]);
    const largest = one.liveBytes;
    const plan = one.plan(rows, rows, { kind: "full" });
    expect(() => workspace.attention(q, q, q, plan, { heads: 1, maps: { full: "weights" } })).toThrow(OutOfMemoryError);
    await workspace.checkpoint();
    expect(one.liveBytes).toBe(largest);
    expect(largest).toBeGreaterThan(live);
    expect(counts.created - before).toBeLessThanOrEqual(6);
    workspace[dispose]();
  });

  it("says that the device is out of memory, and stays usable", async () => {
    let isFull = false;
    const [one] = await open((device) => {
      const pop = device.popErrorScope.bind(device);
      let depth = 0;
      // The innermost scope of a creation is that of memory.
      const createBuffer = device.createBuffer.bind(device);
      replace(device, "createBuffer", (descriptor: GPUBufferDescriptor) => {
        if (isFull) depth = 1;
        return createBuffer(descriptor);
      });
      replace(device, "popErrorScope", async () => {
        const isTold = depth === 1;
        depth = 0;
        const found = await pop();
        return isTold ? { message: "told to be full" } : found;
      });
    });
    const workspace = one.workspace();
    isFull = true;
    const x = workspace.upload(new Float32Array(5000), [5000]);
    isFull = false;
    // Such a buffer is none: what uses it is refused by the device.
    (workspace as GpuWorkspace).buffer(x).destroy();
    const read = workspace.read(workspace.activate(x, "relu"));
    await expect(read).rejects.toThrow(OutOfMemoryError);
    await expect(workspace.checkpoint()).rejects.toThrow(/told to be full/);
    workspace[dispose]();
    const next = one.workspace();
    expect(await next.read(next.activate(next.upload(Float32Array.of(-1, 2), [2]), "relu"))).toEqual(
      Float32Array.of(0, 2),
    );
    next[dispose]();
  });
});
