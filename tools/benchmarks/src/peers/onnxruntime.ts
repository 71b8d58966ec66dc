// onnxruntime-web, on its WASM execution provider or on the GPU: how it is loaded, and MatMul. Attention is in
// `onnx-attention.ts`.

/// <reference types="@webgpu/types" />

import type * as Ort from "onnxruntime-web";
import type { Contestant, HostArray } from "../contestant.ts";
import type { Threads } from "../shapes.ts";
import { encodeOnnxModel, type OnnxGraph } from "./onnx-model.ts";

export const onnxruntimeName = "onnxruntime-web";

/** The runtime, loaded for one device. */
export interface OnnxRuntime {
  readonly device: "wasm" | "webgpu";
  /** Loads `graph`. Rejects for an operator that the device lacks: none goes to another silently. */
  readonly open: (graph: OnnxGraph) => Promise<Session>;
}

/** What a graph reads, by name. */
export type Feeds = Readonly<Record<string, HostArray | Int32Array | BigInt64Array>>;

/** A model of one output. */
export interface Session {
  /** Feeds are copied in and the output is copied out, as the runtime does for any caller. */
  readonly run: (feeds: Feeds) => Promise<HostArray>;
  /** See `Contestant.resident`; on the GPU alone. Feeds are copied in by the first time. */
  readonly resident: (feeds: Feeds, calls: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** Call once in a process. */
export async function startOnnxruntime(threads: Threads): Promise<OnnxRuntime> {
  return threads === "gpu" ? startOnGpu() : startOnHost(threads);
}

/** In Node the runtime's loader defines a global `Worker`, which other libraries take for a browser's, so the old value is put back. */
async function startOnHost(threads: number): Promise<OnnxRuntime> {
  const worker = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const runtime: OnnxRuntime = {
    device: "wasm",
    open: async (graph) => {
      const session = await ort.InferenceSession.create(encodeOnnxModel(graph), { executionProviders: ["wasm"] });
      return {
        run: async (feeds) => runFromHost(ort, session, graph, feeds),
        resident: async () => Promise.reject(new Error("Cannot leave tensors on the device: it must be the GPU")),
        dispose: async () => session.release(),
      };
    },
  };
  const first = await onnxMatMul(runtime, [1, 1, 1], Float32Array.of(1), Float32Array.of(1));
  await first.run();
  await first.dispose();
  if (worker) Object.defineProperty(globalThis, "Worker", worker);
  else Reflect.deleteProperty(globalThis, "Worker");
  return runtime;
}

/** Of its two builds for the GPU the entry `onnxruntime-web/webgpu`: the default entry's ignores causal masks without a word. */
async function startOnGpu(): Promise<OnnxRuntime> {
  const ort = await import("onnxruntime-web/webgpu");
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const create = async (
    graph: OnnxGraph,
    preferredOutputLocation: "cpu" | "gpu-buffer",
  ): Promise<Ort.InferenceSession> =>
    ort.InferenceSession.create(encodeOnnxModel(graph), {
      executionProviders: ["webgpu"],
      preferredOutputLocation,
      // Without it what the GPU lacks is computed elsewhere.
      extra: { session: { disable_cpu_ep_fallback: "1" } },
    });
  return {
    device: "webgpu",
    open: async (graph) => {
      const session = await create(graph, "cpu");
      let within: ResidentSession | undefined;
      return {
        run: async (feeds) => runFromHost(ort, session, graph, feeds),
        async resident(feeds, calls) {
          within ??= await bringToGpu(ort, await create(graph, "gpu-buffer"), graph, feeds);
          await within.run(calls);
        },
        async dispose() {
          await within?.dispose();
          await session.release();
        },
      };
    },
  };
}

async function runFromHost(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  graph: OnnxGraph,
  feeds: Feeds,
): Promise<HostArray> {
  const tensors = Object.fromEntries(
    graph.inputs.map(({ name, type, shape }) => [name, new ort.Tensor(type, feeds[name]!, [...shape])]),
  );
  const results = await session.run(tensors);
  return results[graph.outputs[0]!.name]!.data as HostArray;
}

/** A session whose inputs are on the GPU and whose output stays there. */
interface ResidentSession {
  readonly run: (calls: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

async function bringToGpu(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  graph: OnnxGraph,
  feeds: Feeds,
): Promise<ResidentSession> {
  const device = await ort.env.webgpu.device;
  const buffers: GPUBuffer[] = [];
  const tensors: Record<string, Ort.Tensor> = {};
  for (const { name, type, shape } of graph.inputs) {
    if (type !== "float32" && type !== "int32") {
      throw new RangeError(`Cannot bring ${name} to the GPU: its type must be float32 or int32, it is ${type}`);
    }
    const values = feeds[name]!;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({ size: Math.max(16, values.byteLength), usage });
    device.queue.writeBuffer(buffer, 0, values as BufferSource);
    buffers.push(buffer);
    tensors[name] = ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims: [...shape] });
  }
  const output = graph.outputs[0]!.name;
  return {
    async run(calls) {
      for (let call = 0; call < calls; call++) (await session.run(tensors))[output]!.dispose();
      await device.queue.onSubmittedWorkDone();
    },
    async dispose() {
      await session.release();
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

/** A contestant of one session on feeds that never change. */
export function onnxContestant(form: string, session: Session, feeds: Feeds): Contestant {
  return {
    library: onnxruntimeName,
    name: `${onnxruntimeName} ${form}`,
    run: async () => session.run(feeds),
    resident: async (calls) => session.resident(feeds, calls),
    dispose: async () => session.dispose(),
  };
}

/** [rows, inner] x [inner, columns], the weight a constant of the model so that it is packed once. */
export async function onnxMatMul(
  { open }: OnnxRuntime,
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  x: HostArray,
  weight: HostArray,
): Promise<Contestant> {
  const graph: OnnxGraph = {
    opset: 23,
    inputs: [{ name: "x", type: "float32", shape: [rows, inner] }],
    outputs: [{ name: "y", type: "float32", shape: [rows, columns] }],
    nodes: [{ op: "MatMul", inputs: ["x", "weight"], outputs: ["y"] }],
    constants: [{ name: "weight", shape: [inner, columns], values: weight }],
  };
  return onnxContestant("MatMul", await open(graph), { x });
}
