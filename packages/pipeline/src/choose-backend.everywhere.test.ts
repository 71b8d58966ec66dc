// Which backend a pipeline computes with, by what the machine is, and what it says of that.

import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { afterEach, expect, test } from "vitest";
import { looks, looksFiles } from "../test/looks.ts";
import { watchGpu } from "../test/watched-gpu.ts";
import { type BackendChoice, createPipeline, type OpenBackend } from "./index.ts";
import { lacksGpu } from "../../attention-core/test/gpu.ts";

const noGpu = await lacksGpu("the choice of a backend by what the device is");

const { navigator } = globalThis as unknown as { readonly navigator: { gpu?: GPU | undefined } };
const own = Object.getOwnPropertyDescriptor(navigator, "gpu");
afterEach(() => {
  if (own) Object.defineProperty(navigator, "gpu", own);
  else delete navigator.gpu;
});

/** What a page without the given kind of GPU has. */
function replaceGpu(gpu: Pick<GPU, "requestAdapter"> | undefined): void {
  Object.defineProperty(navigator, "gpu", { configurable: true, value: gpu });
}

/** Opens a pipeline, runs it once, and returns what it says of its backend. */
async function choiceOf(...backends: readonly OpenBackend[]): Promise<BackendChoice> {
  const pipeline = await createPipeline(looks, { model: looksFiles(), backends });
  expect(await pipeline.run(["abc"])).toHaveLength(1);
  const choice = pipeline.backend;
  await pipeline[asyncDispose]();
  return choice;
}

test("without navigator.gpu the next backend computes", async () => {
  replaceGpu(undefined);
  const { name, reasons } = await choiceOf(createWebgpuBackend, createWasmBackend);
  expect(name).toBe("wasm");
  expect(reasons[0]).toBe("Cannot open the WebGPU backend: there is no navigator.gpu here, and no gpu was given");
});

test("without an adapter the next backend computes, whether the platform says null or throws", async () => {
  replaceGpu({ requestAdapter: async () => null });
  const none = await choiceOf(createWebgpuBackend, createWasmBackend);
  expect([none.name, none.reasons[0]]).toEqual(["wasm", "Cannot open the WebGPU backend: there is no adapter"]);
  replaceGpu({
    async requestAdapter() {
      throw new TypeError("not here");
    },
  });
  const refused = await choiceOf(createWebgpuBackend, createWasmBackend);
  expect([refused.name, refused.reasons[0]]).toEqual(["wasm", "Cannot open the WebGPU backend: no adapter: not here"]);
});

test.skipIf(noGpu)("a device that is refused makes room for the next backend", async () => {
  let asked = 0;
  const gpu = navigator.gpu!;
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
    const adapter = await gpu.requestAdapter(options);
    const requestDevice = async (): Promise<never> => {
      asked += 1;
      throw new DOMException("out of devices", "OperationError");
    };
    return adapter && Object.defineProperty(adapter, "requestDevice", { value: requestDevice });
  };
  replaceGpu({ requestAdapter });
  const { name, reasons } = await choiceOf(() => createWebgpuBackend({ software: true }), createWasmBackend);
  expect(name).toBe("wasm");
  expect(reasons[0]).toMatch(/^Cannot open the WebGPU backend: the adapter .+ gives no device: out of devices$/);
  expect(asked).toBe(2);
});

test.skipIf(noGpu)("a software adapter is taken for none", async () => {
  const { name, reasons } = await choiceOf(createWebgpuBackend, createWasmBackend);
  expect(name).toBe("wasm");
  expect(reasons[0]).toMatch(/is a program, not a GPU; \{ software: true \} takes it$/);
});

test.skipIf(noGpu)("a software adapter computes where it was asked for, and the pipeline says what it is", async () => {
  const { name, reasons } = await choiceOf(() => createWebgpuBackend({ software: true }), createWasmBackend);
  expect(name).toBe("webgpu");
  expect(reasons).toEqual([expect.stringMatching(/^webgpu: .+ is a program, not a GPU$/)]);
});

test.skipIf(noGpu)("an adapter that is gone by the time that it is asked for a device is asked for again", async () => {
  let left = 1;
  const gpu = watchGpu(navigator.gpu!, (phase, moment) => {
    if (phase !== "device" || moment !== "before" || left === 0) return;
    left -= 1;
    throw new DOMException("the adapter is gone", "OperationError");
  });
  const { name } = await choiceOf(() => createWebgpuBackend({ gpu, software: true }), createWasmBackend);
  expect([name, left]).toEqual(["webgpu", 0]);
});

test.skipIf(noGpu).each([
  [1, "webgpu", /^webgpu: .+ is a program, not a GPU/],
  [2, "wasm", /gives no device: it was lost/],
] as const)(
  "a device that is lost %i times while it is opened and tested leaves %s to compute",
  async (times, name, why) => {
    const lost = new Set<GPUDevice>();
    const gpu = watchGpu(navigator.gpu!, (phase, moment, device) => {
      if (phase !== "dispatch" || moment !== "during" || lost.size === times || lost.has(device!)) return;
      lost.add(device!);
      device!.destroy();
    });
    const choice = await choiceOf(() => createWebgpuBackend({ gpu, software: true }), createWasmBackend);
    expect(lost.size).toBe(times);
    expect(choice).toEqual({ name, reasons: [expect.stringMatching(why)] });
  },
);

test("with no backend left opening rejects, with what each said", async () => {
  replaceGpu(undefined);
  const opening = createPipeline(looks, { model: looksFiles(), backends: [createWebgpuBackend] });
  await expect(opening).rejects.toMatchObject({
    code: "backend-unavailable",
    reasons: ["Cannot open the WebGPU backend: there is no navigator.gpu here, and no gpu was given"],
  });
});
