// A WebGPU device of the default limits and without optional features, as the least that a browser may give: part of the
// suite, in Node. What uses a feature is in it.

import { asyncDispose } from "@saccade/attention-core";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { expect, test } from "vitest";
import { backendCases, runBackendCase } from "../src/index.ts";
import { whyNoWebgpu } from "./webgpu-here.ts";

/** Groups that are run whole, and of the others every tenth case. */
const whole: ReadonlySet<string> = new Set(["rows: layerNorm", "rows: rmsNorm", "rows: softmax"]);

/** A GPU whose devices are the least. */
function plainGpu(gpu: GPU): GPU {
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
    const adapter = await gpu.requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    Object.defineProperty(adapter, "requestDevice", { value: async () => requestDevice() });
    return adapter;
  };
  return { requestAdapter } as unknown as GPU;
}

test("a device of the default limits passes part of the suite", { timeout: 300_000 }, async ({ skip }) => {
  const why = await whyNoWebgpu();
  if (why !== null) {
    console.warn(`Skipped: WebGPU with the default limits, ${why}`);
    skip(why);
    return;
  }
  const open = async (): ReturnType<typeof createWebgpuBackend> =>
    createWebgpuBackend({ gpu: plainGpu(globalThis.navigator.gpu), software: true });
  const backend = await open();
  expect(backend.variants).toEqual({ subgroups: false, f16: true });
  expect(backend.limits.maxBufferBytes).toBe(2 ** 27);
  const cases = backendCases().filter(({ group }, i) => whole.has(group) || i % 10 === 0);
  const failed: string[] = [];
  for (const each of cases) {
    const { status, reason } = await runBackendCase(each, backend, open, { bitwise: true });
    if (status === "fail") failed.push(`${each.group}: ${each.name}: ${reason}`);
  }
  await backend[asyncDispose]();
  expect(failed).toEqual([]);
});
