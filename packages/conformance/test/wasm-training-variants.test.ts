// What `wasm-training.everywhere.test.ts` leaves out, in Node: plain SIMD, more threads, and the operations of inference in
// the binaries for training.

import { asyncDispose, type TrainingBackend } from "@saccade/attention-core";
import type { WasmBackendOptions } from "@saccade/attention-core/wasm";
import { createWasmTrainingBackend, type WasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { expect, test } from "vitest";
import { backendCases, runBackendCase, trainingCases } from "../src/index.ts";
import { recorded } from "./recorded.ts";

const variants: readonly WasmBackendOptions[] = [
  { simd: "plain", threads: 1 },
  { simd: "relaxed", threads: 3 },
];

/** Opens the backend, or says in the log why this engine has none. */
async function openOr(variant: WasmBackendOptions): Promise<WasmTrainingBackend | null> {
  try {
    return await createWasmTrainingBackend(variant);
  } catch (error) {
    if ((error as Error).name !== "BackendUnavailableError") throw error;
    console.warn(`Skipped: ${variant.simd}: ${(error as Error).message}`);
    return null;
  }
}

test.each(variants)("wasm training, $simd, $threads threads, passes every case", async (variant) => {
  const backend = await openOr(variant);
  if (backend === null) return;
  const failed: string[] = [];
  for (const each of [...backendCases(), ...trainingCases()]) {
    const { status, reason } = await runBackendCase(each, backend, () => createWasmTrainingBackend(variant), {
      bitwise: true,
    });
    if (status === "fail") failed.push(`${each.group}: ${each.name}: ${reason}`);
  }
  await backend[asyncDispose]();
  expect(failed).toEqual([]);
});

test("every gradient reads the same bits with two threads as with one", async () => {
  const [one, two] = [
    await createWasmTrainingBackend({ simd: "plain", threads: 1 }),
    await createWasmTrainingBackend({ simd: "plain", threads: 2 }),
  ];
  const differing: string[] = [];
  for (const each of trainingCases()) {
    if (!/^(gradients|dropout)/.test(each.group)) continue;
    const [first, second] = [recorded(one), recorded(two)];
    await runBackendCase(each, first.backend as TrainingBackend, () => one);
    await runBackendCase(each, second.backend as TrainingBackend, () => two);
    const same = (values: ArrayLike<number>, place: number): boolean =>
      Array.prototype.every.call(values, (value, i) => Object.is(value, first.reads[place]?.[i]));
    if (second.reads.length !== first.reads.length || !second.reads.every(same))
      differing.push(`${each.group}: ${each.name}`);
  }
  await Promise.all([one[asyncDispose](), two[asyncDispose]()]);
  expect(differing).toEqual([]);
});
