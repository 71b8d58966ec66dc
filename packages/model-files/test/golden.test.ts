// A file that the reference implementation wrote; golden/make.py says how.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSafetensors, readWeights } from "../src/index.ts";

const bytes = readFileSync(new URL("golden/reference.safetensors", import.meta.url));

test("readWeights() reads what safetensors 0.8.0 wrote", () => {
  const { metadata } = readSafetensors(bytes);
  expect(metadata).toEqual(
    new Map([
      ["format", "np"],
      ["made by", "safetensors 0.8.0"],
    ]),
  );
  const weights = readWeights(bytes);
  expect(weights.size).toBe(6);
  expect(weights.get("embedding")).toEqual({
    values: Float32Array.of(0.1, -2.5, 1e-3, 3e38, -1e-40, 0),
    shape: [2, 3],
  });
  expect(weights.get("half")!.values).toEqual(Float32Array.of(1, -0.333251953125, 2 ** -24, 65_504));
  expect(weights.get("brain")).toEqual({ values: Float32Array.of(1.5, -3.140625), shape: [1, 2] });
  expect(weights.get("double")).toEqual({ values: Float32Array.of(0.1), shape: [] });
  expect(weights.get("__proto__")).toEqual({ values: new Float32Array(0), shape: [0, 3] });
  expect(weights.get("重み")!.values).toEqual(Float32Array.of(7));
});
