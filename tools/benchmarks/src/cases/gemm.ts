import type { Prepared } from "../contestant.ts";
import { sampleRows } from "../error.ts";
import { expectedMatMul } from "../oracle.ts";
import { ourMatMul } from "../ours.ts";
import { randomNormals } from "../random.ts";
import type { BenchmarkCase } from "../shapes.ts";

/** A square product with a constant weight. */
export function prepareGemm({ size, threads }: BenchmarkCase & { kind: "gemm" }): Prepared {
  const x = randomNormals(size * size, 1);
  const weight = randomNormals(size * size, 2);
  const sizes = [size, size, size] as const;
  return {
    work: { operations: 2 * size ** 3 },
    tolerance: 2e-5,
    expected: async () => expectedMatMul(sampleRows(size, 24), size, size, x, weight),
    ours: async () => ourMatMul(threads, sizes, x, weight),
    peers: [
      { name: "onnxruntime-web", create: async ({ onnxMatMul }) => onnxMatMul(sizes, x, weight) },
      { name: "jax-js", create: async ({ jaxMatMul }) => jaxMatMul(sizes, x, weight) },
    ],
  };
}
