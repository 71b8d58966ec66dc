import { InferenceSession, Tensor } from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { encodeOnnxModel } from "./onnx-model.ts";

describe("encodeOnnxModel()", () => {
  it("writes a model that onnxruntime-web loads and runs, attributes and constants included", async () => {
    const model = encodeOnnxModel({
      opset: 23,
      inputs: [{ name: "x", type: "float32", shape: [1, 200] }],
      outputs: [{ name: "y", type: "float32", shape: [1, 2] }],
      nodes: [
        { op: "MatMul", inputs: ["x", "w"], outputs: ["product"] },
        { op: "LeakyRelu", inputs: ["product"], outputs: ["y"], attributes: { alpha: 0.5 } },
      ],
      constants: [
        { name: "w", shape: [200, 2], values: Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? -1 : 2)) },
      ],
    });
    const session = await InferenceSession.create(model, { executionProviders: ["wasm"] });
    const { y } = await session.run({ x: new Tensor("float32", new Float32Array(200).fill(1), [1, 200]) });
    expect([...(y!.data as Float32Array)]).toEqual([400, -100]);
    await session.release();
  });
});
