// onnxruntime-web on its WASM execution provider: how it is loaded, and MatMul. Attention is in `onnx-attention.ts`.
import * as ort from "onnxruntime-web";
import type { Contestant, HostArray } from "../contestant.ts";
import { encodeOnnxModel, type OnnxGraph } from "./onnx-model.ts";

export const onnxruntimeName = "onnxruntime-web";

/**
 * Loads the runtime with `threads` threads; call once, before any other function here. In Node its loader defines a
 * global `Worker`, which other libraries take for a browser's, so the old value is put back.
 */
export async function startOnnxruntime(threads: number): Promise<void> {
  const worker = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const first = await onnxMatMul([1, 1, 1], Float32Array.of(1), Float32Array.of(1));
  await first.run();
  await first.dispose();
  if (worker) Object.defineProperty(globalThis, "Worker", worker);
  else Reflect.deleteProperty(globalThis, "Worker");
}

/** [rows, inner] x [inner, columns], the weight a constant of the model so that it is packed once. */
export async function onnxMatMul(
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
  const session = await openSession(graph);
  return {
    library: onnxruntimeName,
    name: `${onnxruntimeName} MatMul`,
    run: async () => session.run({ x }),
    dispose: async () => session.dispose(),
  };
}

/** A model of one output. */
export interface Session {
  readonly run: (feeds: Readonly<Record<string, HostArray | Int32Array | BigInt64Array>>) => Promise<HostArray>;
  readonly dispose: () => Promise<void>;
}

/** Loads `graph`; feeds are copied in and the output copied out by each run, as the runtime does for any caller. */
export async function openSession(graph: OnnxGraph): Promise<Session> {
  const session = await ort.InferenceSession.create(encodeOnnxModel(graph), { executionProviders: ["wasm"] });
  const output = graph.outputs[0]!.name;
  return {
    async run(feeds) {
      const tensors = Object.fromEntries(
        graph.inputs.map(({ name, type, shape }) => [name, new ort.Tensor(type, feeds[name]!, [...shape])]),
      );
      const results = await session.run(tensors);
      return results[output]!.data as HostArray;
    },
    async dispose() {
      await session.release();
    },
  };
}
