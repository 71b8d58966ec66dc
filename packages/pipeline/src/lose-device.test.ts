// A GPU that is lost under a pipeline, at every call that it is asked for: the same outputs come, or those of the next
// backend, and nothing waits for ever. In Node, where a test may destroy a device at once; tools/page-checks ends Chromium's
// GPU process instead.

import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend, type WebgpuBackend } from "@saccade/attention-core/webgpu";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { differenceOf, looks, looksFiles } from "../test/looks.ts";
import { type GpuMoment, type GpuPhase, watchGpu } from "../test/watched-gpu.ts";
import { createPipeline, type PipelineOf } from "./index.ts";
import { lacksGpu } from "../../attention-core/test/gpu.ts";

const noGpu = await lacksGpu("the loss of a device");

const inputs = Array.from({ length: 12 }, (_, i) => "seeingthroughattention".slice(i % 7, 8 + i));
const tolerance = 1e-4;

// A program for a GPU takes all processors, and shares them.
vi.setConfig({ testTimeout: 300_000 });

/** What WASM says of `inputs`. */
async function wasmOutputs(layers: number): Promise<number[][][]> {
  const settings = { layers };
  const pipeline = await createPipeline(looks, { model: looksFiles(), backends: [createWasmBackend], settings });
  const outputs = await pipeline.run(inputs);
  await pipeline[asyncDispose]();
  return outputs;
}

let expected: number[][][];
beforeAll(async () => {
  expected = await wasmOutputs(2);
});

interface Opened {
  readonly pipeline: PipelineOf<typeof looks>;
  /** Every backend on a GPU that was opened, and its device. */
  readonly backends: readonly WebgpuBackend[];
  readonly devices: readonly GPUDevice[];
}

/** A pipeline on a GPU and then on WASM. `onCall` may destroy what it is told of, once a device is open. */
async function open(
  onCall: (phase: GpuPhase, moment: GpuMoment, device: GPUDevice | null) => void = () => {},
  layers = 2,
): Promise<Opened> {
  const backends: WebgpuBackend[] = [];
  const devices: GPUDevice[] = [];
  let isOpening = false;
  const gpu = watchGpu(navigator.gpu, (phase, moment, device) => {
    if (device !== null && !devices.includes(device)) devices.push(device);
    if (!isOpening) onCall(phase, moment, device);
  });
  const openGpu = async (): Promise<WebgpuBackend> => {
    isOpening = true;
    try {
      backends.push(await createWebgpuBackend({ gpu, software: true }));
      return backends.at(-1)!;
    } finally {
      isOpening = false;
    }
  };
  const pipeline = await createPipeline(looks, {
    model: looksFiles(),
    backends: [openGpu, createWasmBackend],
    settings: { layers },
    maxPositionsPerBatch: 32,
  });
  return { pipeline, backends, devices };
}

/** What `promise` comes to, soon: the promise is 10 s on a machine of its own, tests share theirs with a program for a GPU. */
async function soon<T>(promise: PromiseLike<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("nothing in 50 seconds")), 50_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** Destroys the device of each call of `phase` at `moment`, once a device and at most `times`. */
function destroyAt(phase: GpuPhase, moment: GpuMoment, times: number) {
  const destroyed = new Set<GPUDevice>();
  return (at: GpuPhase, when: GpuMoment, device: GPUDevice | null): void => {
    if (at !== phase || when !== moment || device === null) return;
    if (destroyed.size === times || destroyed.has(device)) return;
    destroyed.add(device);
    device.destroy();
  };
}

describe.skipIf(noGpu).each([
  ["upload", "before"],
  ["upload", "during"],
  ["compile", "before"],
  ["compile", "during"],
  ["dispatch", "before"],
  ["dispatch", "during"],
  ["read", "before"],
  ["read", "during"],
] as const)("a device that is lost at its first call of %s, %s it,", (phase, moment) => {
  test("is replaced, and the outputs are the same", async () => {
    const { pipeline, backends } = await open(destroyAt(phase, moment, 1));
    expect(differenceOf(await soon(pipeline.run(inputs)), expected)).toBeLessThan(tolerance);
    expect(backends).toHaveLength(2);
    expect(pipeline.backend.name).toBe("webgpu");
    expect(pipeline.backend.reasons.join("\n")).toMatch(/webgpu was lost: .*opened again/);
    await soon(pipeline[asyncDispose]());
    for (const { memoryBytes } of backends) expect(memoryBytes).toBe(0);
  });

  test("and whose next one is lost too makes room for WASM, with the reasons", async () => {
    const { pipeline, backends } = await open(destroyAt(phase, moment, 2));
    expect(await soon(pipeline.run(inputs))).toEqual(expected);
    expect(backends).toHaveLength(2);
    expect(pipeline.backend.name).toBe("wasm");
    expect(pipeline.backend.reasons.filter((reason) => reason.includes("was lost"))).toHaveLength(2);
    await soon(pipeline[asyncDispose]());
  });
});

test.skipIf(noGpu)("a device that is lost as soon as it is there, or while nothing runs, is replaced", async () => {
  const { pipeline, backends, devices } = await open();
  backends[0]!.upload(new Float32Array(1), [1]);
  const lose = async (): Promise<void> => {
    devices.at(-1)!.destroy();
    await backends.at(-1)!.lost;
  };
  await pipeline.run(["a"]);
  await lose();
  expect(differenceOf(await soon(pipeline.run(inputs)), expected)).toBeLessThan(tolerance);
  devices.at(-1)!.destroy();
  expect(differenceOf(await soon(pipeline.run(inputs)), expected)).toBeLessThan(tolerance);
  expect(backends).toHaveLength(3);
  expect(pipeline.backend.name).toBe("webgpu");
  await soon(pipeline[asyncDispose]());
});

test.skipIf(noGpu)(
  "a pipeline whose device is gone is disposed all the same, and calls that come later say so",
  async () => {
    const { pipeline, devices } = await open();
    await pipeline.run(["a"]);
    const running = pipeline.run(inputs);
    devices[0]!.destroy();
    const closing = pipeline[asyncDispose]();
    await expect(soon(running)).rejects.toMatchObject({ code: "disposed" });
    await soon(closing);
    await expect(soon(pipeline.run(["a"]))).rejects.toMatchObject({ code: "disposed" });
  },
);

test.skipIf(noGpu)(
  "a loss under several runs, a stream and an abort replaces the device once, and each comes to its own end",
  async () => {
    let armed = false;
    const { pipeline, backends } = await open((phase, moment, device) => {
      if (!armed || phase !== "dispatch" || moment !== "during") return;
      armed = false;
      device!.destroy();
    });
    await pipeline.run(["a"]);
    armed = true;
    const stop = new AbortController();
    const aborted = pipeline.run(inputs, { signal: stop.signal });
    const runs = [pipeline.run(inputs), pipeline.run(inputs), collect(pipeline.stream(inputs))];
    setTimeout(() => stop.abort("enough"), 5);
    await expect(soon(aborted)).rejects.toBe("enough");
    for (const run of runs) expect(differenceOf(await soon(run), expected)).toBeLessThan(tolerance);
    expect(backends).toHaveLength(2);
    await soon(pipeline[asyncDispose]());
  },
);

test.skipIf(noGpu)("a stream goes on over a loss between its batches, with every output in its place", async () => {
  const { pipeline, devices } = await open();
  const many = Array.from({ length: 60 }, (_, i) => inputs[i % inputs.length]!);
  const outputs: number[][][] = [];
  for await (const output of pipeline.stream(many)) {
    outputs.push(output);
    if (outputs.length === 20) devices.at(-1)!.destroy();
  }
  const all = many.map((_, i) => expected[i % inputs.length]!);
  expect(differenceOf(outputs, all)).toBeLessThan(tolerance);
  expect(pipeline.backend.name).toBe("webgpu");
  await soon(pipeline[asyncDispose]());
});

test.skipIf(noGpu)("a driver that does not compile a kernel leaves the work to WASM, with what it says", async () => {
  const broken = new DOMException("internal compiler error", "OperationError");
  let isOpen = false;
  const gpu = watchGpu(navigator.gpu, (phase, moment) => {
    if (isOpen && phase === "compile" && moment === "before") throw broken;
  });
  const openGpu = async (): Promise<WebgpuBackend> => {
    const backend = await createWebgpuBackend({ gpu, software: true });
    isOpen = true;
    return backend;
  };
  const pipeline = await createPipeline(looks, { model: looksFiles(), backends: [openGpu, createWasmBackend] });
  expect(await soon(Promise.all([pipeline.run(inputs), pipeline.run(inputs)]))).toEqual([expected, expected]);
  expect(pipeline.backend.name).toBe("wasm");
  expect(pipeline.backend.reasons.join("\n")).toMatch(/webgpu is at fault: Cannot compile .*internal compiler error/);
  await soon(pipeline[asyncDispose]());
  isOpen = false;
  const alone = await createPipeline(looks, { model: looksFiles(), backends: [openGpu] });
  await expect(soon(alone.run(inputs))).rejects.toMatchObject({ name: "GpuError", code: "gpu" });
  await soon(alone[asyncDispose]());
});

test.skipIf(noGpu)("100 losses in a row, at whatever call, are all recovered from", async () => {
  const kinds = ["upload", "dispatch", "read", "idle"] as const;
  // Without a layer there is little to compile each time.
  const all = await wasmOutputs(0);
  let kind: (typeof kinds)[number] | null = null;
  let moment: GpuMoment = "before";
  const { pipeline, devices, backends } = await open((phase, when, device) => {
    if (device === null || phase !== kind || when !== moment) return;
    kind = null;
    device.destroy();
  }, 0);
  await pipeline.run(inputs);
  for (let i = 0; i < 100; i += 1) {
    kind = kinds[i % kinds.length]!;
    moment = i % 8 < 4 ? "before" : "during";
    if (kind === "idle") devices.at(-1)!.destroy();
    expect(differenceOf(await soon(pipeline.run(inputs)), all)).toBeLessThan(tolerance);
    expect(backends).toHaveLength(i + 2);
  }
  expect(pipeline.backend.name).toBe("webgpu");
  await soon(pipeline[asyncDispose]());
  for (const { memoryBytes } of backends) expect(memoryBytes).toBe(0);
});
