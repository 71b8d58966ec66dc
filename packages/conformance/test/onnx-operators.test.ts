import { createReferenceBackend } from "@saccade/attention-core/reference";
import { describe, expect, test } from "vitest";
import { readOnnxCases, runOnnxCase } from "../src/index.ts";
import { toFloat16 } from "../src/onnx/float16.ts";
import { drawOnnxAttention } from "./onnx-attention-formula.ts";

const backend = createReferenceBackend();

async function outcome(json: unknown): Promise<Awaited<ReturnType<typeof runOnnxCase>>> {
  return runOnnxCase(readOnnxCases([json])[0]!, backend);
}

const f32 = (name: string, dims: readonly number[], data: readonly number[]): unknown => ({
  name,
  dims,
  dtype: "float32",
  data,
});

/** A case of one operator with inputs and one output. */
function node(
  op: string,
  attributes: object,
  inputs: readonly unknown[],
  output: unknown,
  extra: object = {},
): unknown {
  const names = inputs.map((input) => (input === null ? "" : (input as { name: string }).name));
  return {
    case: op,
    op,
    domain: "ai.onnx",
    opset: { "ai.onnx": 23 },
    attributes,
    inputNames: names,
    outputNames: ["y"],
    inputs: inputs.filter((input) => input !== null),
    outputs: [output],
    ...extra,
  };
}

describe("Attention", () => {
  test("agrees with its specification in every combination of attributes and inputs", async () => {
    const failed: string[] = [];
    for (let i = 0; i < 400; i++) {
      const json = drawOnnxAttention(i);
      const { status, reason } = await outcome(json);
      if (status !== "pass")
        failed.push(`${i}: ${reason} ${JSON.stringify((json as { attributes: unknown }).attributes)}`);
    }
    expect(failed).toEqual([]);
  });

  const q = f32("q", [1, 1, 1, 2], [1, 2]);
  const y = f32("y", [1, 1, 1, 2], [1, 2]);

  test.each([
    [
      "heads that do not divide",
      { q_num_heads: 3, kv_num_heads: 1 },
      [f32("q", [1, 1, 2], [1, 2]), f32("k", [1, 1, 2], [1, 2]), f32("v", [1, 1, 2], [1, 2])],
      /q_num_heads must be given for 3 axes and divide the width 2/,
    ],
    [
      "past_key alone",
      {},
      [q, q, q, null, f32("p", [1, 1, 1, 2], [1, 2])],
      /past_key and past_value must be given together/,
    ],
    [
      "a mode that is not there",
      { qk_matmul_output_mode: 4 },
      [q, q, q],
      /qk_matmul_output_mode must be 0 to 3, it is 4/,
    ],
    ["no value", {}, [q, q], /input 2 must be given/],
  ])("fails with %s", async (_what, attributes, inputs, reason) => {
    const { status, reason: actual } = await outcome(node("Attention", attributes, inputs, y));
    expect(status).toBe("fail");
    expect(actual).toMatch(reason);
  });

  test.each([
    ["an unknown attribute", { sinks: 4 }, /an attribute "sinks", of which we know nothing/],
    ["softmax in bfloat16", { softmax_precision: 16 }, /no tolerance is stated/],
  ])("does not apply with %s", async (_what, attributes, reason) => {
    const { status, reason: actual } = await outcome(node("Attention", attributes, [q, q, q], y));
    expect(status).toBe("n/a");
    expect(actual).toMatch(reason);
  });

  test("holds half precision to its own tolerance", async () => {
    const half = (value: unknown): unknown => ({ ...(value as object), dtype: "float16" });
    const of = (off: number): unknown =>
      node("Attention", {}, [half(q), half(q), half(q)], half(f32("y", [1, 1, 1, 2], [1 + off, 2])));
    expect(await outcome(of(0.02))).toMatchObject({ status: "pass", tolerance: 0.02 });
    expect(await outcome(of(0.03))).toMatchObject({ status: "fail", tolerance: 0.02 });
  });
});

describe("FlexAttention", () => {
  const x = f32("x", [1, 1, 2, 1], [0, 1]);
  const flex = (attributes: object, values: readonly number[], name = "FlexAttention"): unknown =>
    node("FlexAttention", attributes, [x, x, x], f32("y", [1, 1, 2, 1], values), {
      case: name,
      domain: "ai.onnx.preview",
    });
  const e = Math.E;

  test("runs without modifiers, and with a scale", async () => {
    expect(await outcome(flex({}, [0.5, e / (1 + e)]))).toMatchObject({ status: "pass" });
    expect(await outcome(flex({ scale: 0 }, [0.5, 0.5]))).toMatchObject({ status: "pass" });
  });

  test("knows the modifiers of the ONNX cases by name", async () => {
    const modified = { score_mod: "(graph or tensor)" };
    expect(await outcome(flex(modified, [0, e / (1 + e)], "test_flexattention_causal_mask"))).toMatchObject({
      status: "pass",
    });
    expect(await outcome(flex(modified, [0.5, e / (1 + e)], "test_flexattention_score_mod"))).toMatchObject({
      status: "pass",
    });
    // After query minus key is added the first query scores 0 and -1, the second 1 and 1.
    expect(await outcome(flex(modified, [1 / (1 + e), 0.5], "test_flexattention_relative_positional"))).toMatchObject({
      status: "pass",
    });
    const probabilities = { prob_mod: "(graph or tensor)" };
    expect(await outcome(flex(probabilities, [0.25, e / (1 + e) / 2], "test_flexattention_prob_mod"))).toMatchObject({
      status: "pass",
    });
  });

  test("does not apply with a graph that it cannot see", async () => {
    expect(await outcome(flex({ score_mod: "(graph or tensor)" }, [0, 0]))).toMatchObject({
      status: "n/a",
      reason: /a graph that the file does not hold/,
    });
  });
});

describe("operators on rows", () => {
  test("Softmax over an axis in the middle", async () => {
    const x = f32("x", [1, 2, 2], [0, 5, 0, 6]);
    const [low, high] = [1 / (1 + Math.E), Math.E / (1 + Math.E)];
    expect(await outcome(node("Softmax", { axis: 1 }, [x], f32("y", [1, 2, 2], [0.5, low, 0.5, high])))).toMatchObject({
      status: "pass",
    });
  });

  test("Softmax before opset 13 takes all axes from its own on as one", async () => {
    const x = f32("x", [1, 2, 2], [1, 1, 1, 1]);
    const y = f32("y", [1, 2, 2], [0.25, 0.25, 0.25, 0.25]);
    expect(await outcome(node("Softmax", {}, [x], y, { opset: { "ai.onnx": 11 } }))).toMatchObject({ status: "pass" });
    expect(await outcome(node("Softmax", {}, [x], y))).toMatchObject({ status: "fail" });
  });

  test("Swish with another alpha", async () => {
    const x = f32("x", [3], [-1, 0, 2]);
    const swish = [-1, 0, 2].map((value) => value / (1 + Math.exp(-0.5 * value)));
    expect(await outcome(node("Swish", { alpha: 0.5 }, [x], f32("y", [3], swish)))).toMatchObject({ status: "pass" });
  });

  test("LayerNormalization with a scale that is broadcast, and one that differs from row to row", async () => {
    const x = f32("x", [2, 2], [1, 3, 5, 9]);
    const normed = (factors: readonly number[], add: number): number[] =>
      [-1 / Math.sqrt(1 + 1e-5), 1 / Math.sqrt(1 + 1e-5), -2 / Math.sqrt(4 + 1e-5), 2 / Math.sqrt(4 + 1e-5)].map(
        (value, i) => value * factors[i]! + add,
      );
    const shared = [x, f32("w", [1], [3]), f32("b", [2], [1, 1])];
    expect(
      await outcome(node("LayerNormalization", {}, shared, f32("y", [2, 2], normed([3, 3, 3, 3], 1)))),
    ).toMatchObject({ status: "pass" });
    const perRow = [x, f32("w", [2, 1], [3, 4]), f32("b", [1], [1])];
    expect(
      await outcome(node("LayerNormalization", {}, perRow, f32("y", [2, 2], normed([3, 3, 4, 4], 1)))),
    ).toMatchObject({ status: "pass" });
  });

  test("LayerNormalization says which outputs it does not check", async () => {
    const x = f32("x", [1, 2], [1, 3]);
    const y = [-1, 1].map((value) => value / Math.sqrt(1 + 1e-5));
    const mean = { outputNames: ["y", "Mean"], outputs: [f32("y", [1, 2], y), f32("Mean", [1, 1], [2])] };
    expect(await outcome(node("LayerNormalization", {}, [x, f32("w", [2], [1, 1])], null, mean))).toMatchObject({
      status: "pass",
      reason: "Mean not checked: no operation returns them",
    });
  });

  test("RotaryEmbedding, interleaved, partly, of three axes", async () => {
    const inputs = [
      f32("x", [1, 1, 3], [1, 2, 7]),
      f32("cos", [2, 1], [1, 0]),
      f32("sin", [2, 1], [0, 1]),
      { name: "ids", dims: [1, 1], dtype: "int64", data: [1] },
    ];
    const attributes = { num_heads: 1, interleaved: 1, rotary_embedding_dim: 2 };
    expect(await outcome(node("RotaryEmbedding", attributes, inputs, f32("y", [1, 1, 3], [-2, 1, 7])))).toMatchObject({
      status: "pass",
    });
  });
});

test("toFloat16() rounds to the nearest half, ties to even", () => {
  const decode = (bits: number): number => {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  };
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [value, next] = [decode(bits), decode(bits + 1)];
    expect(toFloat16(value)).toBe(value);
    expect(toFloat16(-value)).toBe(-value);
    const middle = (value + next) / 2;
    expect(toFloat16(middle)).toBe(bits % 2 === 0 ? value : next);
    expect(toFloat16(middle * (1 - 2 ** -40))).toBe(value);
    expect(toFloat16(middle * (1 + 2 ** -40))).toBe(next);
  }
  expect([65504, 65519, 65520, 1e6, -1e6, NaN].map(toFloat16)).toEqual([
    65504,
    65504,
    Infinity,
    Infinity,
    -Infinity,
    NaN,
  ]);
});
