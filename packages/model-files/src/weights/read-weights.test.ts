import { describe, expect, test } from "vitest";
import { caught } from "../../test/caught.ts";
import { entry, fileOf } from "../../test/safetensors-file.ts";
import type { ModelFileErrorCode } from "../errors.ts";
import { readWeights } from "./read-weights.ts";

function bytesOf(values: Float32Array | Float64Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(values.buffer);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test("readWeights() widens F32, F16, BF16 and F64, at any place in the file", () => {
  const header = [
    entry("pad", "F16", "[]", 0, 2),
    entry("f32", "F32", "[2]", 2, 10),
    entry("f16", "F16", "[4]", 10, 18),
    entry("bf16", "BF16", "[3]", 18, 24),
    entry("f64", "F64", "[2]", 24, 40),
  ];
  const data = joined(
    bytesOf(Uint16Array.of(0)),
    bytesOf(Float32Array.of(0.1, -Infinity)),
    bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00)),
    bytesOf(Uint16Array.of(0x3f80, 0xc020, 0x7f80)),
    bytesOf(Float64Array.of(0.1, 1e300)),
  );
  const weights = readWeights(fileOf(`{${header.join()}}`, data));
  expect(weights.get("pad")).toEqual({ values: Float32Array.of(0), shape: [] });
  expect(weights.get("f32")).toEqual({ values: Float32Array.of(0.1, -Infinity), shape: [2] });
  expect(weights.get("f16")!.values).toEqual(Float32Array.of(1, -2, 2 ** -24, Infinity));
  expect(weights.get("bf16")!.values).toEqual(Float32Array.of(1, -2.5, Infinity));
  expect(weights.get("f64")!.values).toEqual(Float32Array.of(Math.fround(0.1), Infinity));
});

describe("readWeights() multiplies int8 by scales", () => {
  const integers = bytesOf(Int8Array.of(1, -2, 3, 127, -127, -128));
  const read = (shape: string, scaleShape: string, scales: readonly number[]): readonly number[] => {
    const end = 6 + 4 * scales.length;
    const header = `{${entry("w", "I8", shape, 0, 6)},${entry("w.scale", "F32", scaleShape, 6, end)}}`;
    const weights = readWeights(fileOf(header, joined(integers, bytesOf(Float32Array.from(scales)))));
    expect([...weights.keys()]).toEqual(["w"]);
    return [...weights.get("w")!.values];
  };

  test("of rows, of columns, of an axis between, and of all", () => {
    expect(read("[2,3]", "[2,1]", [10, 100])).toEqual([10, -20, 30, 12_700, -12_700, -12_800]);
    expect(read("[2,3]", "[1,3]", [1, 10, 100])).toEqual([1, -20, 300, 127, -1270, -12_800]);
    expect(read("[1,3,2]", "[1,3,1]", [1, 10, 100])).toEqual([1, -2, 30, 1270, -12_700, -12_800]);
    expect(read("[2,3]", "[1,1]", [2])).toEqual([2, -4, 6, 254, -254, -256]);
    expect(read("[6]", "[6]", [0, 1, 2, 3, 4, 5])).toEqual([0, -2, 6, 381, -508, -640]);
    expect(read("[6]", "[1]", [0.5])).toEqual([0.5, -1, 1.5, 63.5, -63.5, -64]);
  });

  test("and a tensor of no elements or no axes", () => {
    const header = [
      entry("empty", "I8", "[0,3]", 0, 0),
      entry("one", "I8", "[]", 0, 1),
      entry("empty.scale", "F32", "[0,1]", 1, 1),
      entry("one.scale", "F32", "[]", 1, 5),
    ];
    const data = joined(bytesOf(Int8Array.of(-3)), bytesOf(Float32Array.of(2)));
    const weights = readWeights(fileOf(`{${header.join()}}`, data));
    expect(weights.get("empty")).toEqual({ values: new Float32Array(0), shape: [0, 3] });
    expect(weights.get("one")).toEqual({ values: Float32Array.of(-6), shape: [] });
  });

  test("but takes x.scale as a weight when x is none of int8", () => {
    const header = `{${entry("norm", "F32", "[1]", 0, 4)},${entry("norm.scale", "F32", "[1]", 4, 8)}}`;
    expect([...readWeights(fileOf(header, 8)).keys()]).toEqual(["norm", "norm.scale"]);
  });
});

describe("readWeights() refuses", () => {
  const scaled = (dtype: string, scaleShape: string, bytes: number): Uint8Array =>
    fileOf(`{${entry("w", "I8", "[2,3]", 0, 6)},${entry("w.scale", dtype, scaleShape, 6, 6 + bytes)}}`, 6 + bytes);
  const wanted = 'is I8 [2, 3], so "w.scale" must be F32 in that shape with all axes 1 but one, it is';
  const cases: readonly (readonly [string, Uint8Array, ModelFileErrorCode, string])[] = [
    [
      "I64",
      fileOf(`{${entry("w", "I64", "[1]", 0, 8)}}`, 8),
      "dtype-unsupported",
      'tensor "w" must be F32, F16, BF16, F64 or I8 to be a weight, it is I64',
    ],
    ["int8 without scales", fileOf(`{${entry("w", "I8", "[6]", 0, 6)}}`, 6), "scale-invalid", "it is missing"],
    ["scales of F16", scaled("F16", "[2,1]", 4), "scale-invalid", `${wanted} F16 [2, 1]`],
    ["scales of another length", scaled("F32", "[3,1]", 12), "scale-invalid", `${wanted} F32 [3, 1]`],
    ["scales of another rank", scaled("F32", "[2]", 8), "scale-invalid", `${wanted} F32 [2]`],
    ["a scale for each element", scaled("F32", "[2,3]", 24), "scale-invalid", `${wanted} F32 [2, 3]`],
  ];
  test.each(cases)("%s", (_name, bytes, code, message) => {
    const error = caught(() => readWeights(bytes, { file: "model.safetensors of toy" }));
    expect(error).toMatchObject({ code, file: "model.safetensors of toy" });
    expect(error?.message).toContain(message);
  });
});
