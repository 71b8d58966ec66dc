// A pipeline on a GPU: the same outputs as on WASM, progress, abort and memory.

import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend, type WebgpuBackend } from "@saccade/attention-core/webgpu";
import { expect, test, vi } from "vitest";
import { differenceOf, looks, looksFiles } from "../test/looks.ts";
import { createPipeline, type OpenBackend, type PipelineOf, type Progress } from "./index.ts";
import { lacksGpu } from "../../attention-core/test/gpu.ts";

const noGpu = await lacksGpu("pipelines on WebGPU");

// A program for a GPU takes all processors, and shares them.
vi.setConfig({ testTimeout: 300_000 });

const layers = 3;
const inputs = Array.from({ length: 30 }, (_, i) => "seeingthroughattention".slice(i % 7, 8 + (i % 14)));

async function open(...backends: readonly OpenBackend[]): Promise<PipelineOf<typeof looks>> {
  return createPipeline(looks, { model: looksFiles(), backends, settings: { layers }, maxPositionsPerBatch: 64 });
}

/** A pipeline on a GPU, and the backend that it opened. */
async function openGpu(): Promise<{ pipeline: PipelineOf<typeof looks>; backend: WebgpuBackend }> {
  const backend = await createWebgpuBackend({ software: true });
  return { pipeline: await open(() => backend), backend };
}

test.skipIf(noGpu)("run() and stream() give what they give on WASM", async () => {
  const { pipeline } = await openGpu();
  const wasm = await open(createWasmBackend);
  const expected = await wasm.run(inputs);
  expect(differenceOf(await pipeline.run(inputs), expected)).toBeLessThan(1e-4);
  const streamed: number[][][] = [];
  for await (const output of pipeline.stream(inputs)) streamed.push(output);
  expect(differenceOf(streamed, expected)).toBeLessThan(1e-4);
  await pipeline[asyncDispose]();
  await wasm[asyncDispose]();
});

test.skipIf(noGpu)("progress comes after each layer of each batch, and ascends to 100 percent", async () => {
  const { pipeline } = await openGpu();
  const seen: Progress[] = [];
  await pipeline.run(inputs, { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(layers * 4);
  seen.slice(1).forEach(({ percent }, i) => expect(percent).toBeGreaterThanOrEqual(seen[i]!.percent));
  expect(seen.at(-1)).toEqual({ percent: 100, done: inputs.length, total: inputs.length });
  await pipeline[asyncDispose]();
});

test.skipIf(noGpu)(
  "an abort at any moment settles soon, tells nothing afterwards, and gives its memory back",
  async () => {
    const { pipeline, backend } = await openGpu();
    const expected = await pipeline.run(inputs.slice(0, 4));
    const before = backend.liveBytes;
    for (let i = 0; i < 6; i += 1) {
      const stop = new AbortController();
      let [told, toldAtEnd] = [0, 0];
      let abortedAt = 0;
      const onProgress = (): void => {
        told += 1;
        if (told !== 1 + 3 * i) return;
        abortedAt = performance.now();
        stop.abort("enough");
      };
      const call = pipeline.run([...inputs, ...inputs], { signal: stop.signal, onProgress });
      await expect(call).rejects.toBe("enough");
      toldAtEnd = told;
      // The promise is 100 ms on a machine of its own; tests share theirs.
      expect(performance.now() - abortedAt).toBeLessThan(500);
      expect(await pipeline.run(inputs.slice(0, 4))).toEqual(expected);
      expect(told).toBe(toldAtEnd);
    }
    expect(backend.liveBytes).toBe(before);
    await pipeline[asyncDispose]();
    expect(backend.memoryBytes).toBe(0);
  },
);

test.skipIf(noGpu)("1,000 runs leave nothing but the weights on the device", async () => {
  const backend = await createWebgpuBackend({ software: true });
  const pipeline = await createPipeline(looks, {
    model: looksFiles(),
    backends: [() => backend],
    settings: { layers: 0 },
  });
  await pipeline.run(["ab"]);
  const [live, memory] = [backend.liveBytes, backend.memoryBytes];
  for (let i = 0; i < 1000; i += 1) await pipeline.run(["ab"]);
  expect([backend.liveBytes, backend.memoryBytes]).toEqual([live, memory]);
  await pipeline[asyncDispose]();
  expect([backend.liveBytes, backend.memoryBytes]).toEqual([0, 0]);
});
