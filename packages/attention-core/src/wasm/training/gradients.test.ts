// Every gradient but attention's against the reference, and the same bits whatever the number of threads: for any shape.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../../disposal.ts";
import type { TrainingBackend } from "../../index.ts";
import { createReferenceTrainingBackend } from "../../reference/index.ts";
import { distance } from "../../../test/distance.ts";
import { type GradientSize, readAll, submitGradients } from "../../../test/gradient-work.ts";
import { differingBits, executorOf } from "../../../test/wasm-work.ts";
import { probeSimd } from "../loader.ts";
import { createWasmTrainingBackend, type WasmTrainingBackend } from "./index.ts";

const threadCounts = [1, 2, 3, 4];
const instructionSets = ["plain", "relaxed"] as const;

const backends = new Map<string, WasmTrainingBackend[]>();
const reference = createReferenceTrainingBackend();
/** How many jobs went to the threads. */
let shared = 0;

async function open(simd: "plain" | "relaxed", threads: number): Promise<WasmTrainingBackend> {
  const backend = await createWasmTrainingBackend({ simd, threads });
  const { pool } = executorOf(backend);
  const start = pool?.start.bind(pool);
  if (pool !== null) {
    pool.start = (...job) => {
      shared += 1;
      start!(...job);
    };
  }
  return backend;
}

beforeAll(async () => {
  const { relaxed } = probeSimd();
  if (!relaxed) console.warn("Skipped: relaxed SIMD: this engine has none");
  for (const simd of instructionSets) {
    const opened = simd === "relaxed" && !relaxed ? [] : threadCounts.map((threads) => open(simd, threads));
    backends.set(simd, await Promise.all(opened));
  }
});
afterAll(async () => {
  for (const opened of backends.values()) for (const backend of opened) await backend[asyncDispose]();
});

async function run(backend: TrainingBackend, size: GradientSize): Promise<Map<string, Float32Array>> {
  const workspace = backend.workspace();
  try {
    return await readAll(workspace, submitGradients(workspace, size));
  } finally {
    workspace[dispose]();
  }
}

/** The gradients that are further from the reference than rounding explains, and those whose bits depend on threads. */
async function faultsOf(size: GradientSize): Promise<string[]> {
  const expected = await run(reference, size);
  const faults: string[] = [];
  for (const [simd, opened] of backends) {
    let first: Map<string, Float32Array> | null = null;
    for (const backend of opened) {
      const actual = await run(backend, size);
      first ??= actual;
      for (const [name, values] of actual) {
        if (differingBits([values], [first.get(name)!]).length > 0)
          faults.push(`${simd}: ${name} with ${backend.threads} threads`);
        const scale = expected.get(name)!.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        const error = distance(values, expected.get(name)!) / scale;
        if (!(error < 1e-5)) faults.push(`${simd}: ${name} is off by ${error}`);
      }
    }
  }
  return faults;
}

const sizes: fc.Arbitrary<GradientSize> = fc.record({
  // Awkward lengths: empty sets, single rows, one more and one less than a block.
  lengths: fc.array(fc.oneof(fc.nat(70), fc.constantFrom(0, 1, 6, 31, 32, 33, 97)), { minLength: 1, maxLength: 5 }),
  width: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(4, 8, 32, 95, 96, 97)),
  columns: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(8, 17, 64)),
  tableRows: fc.integer({ min: 1, max: 90 }),
  side: fc.integer({ min: 1, max: 5 }),
  heads: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(1000),
});

describe("gradients on WASM", () => {
  it("are those of the reference for any shape, the same bits for one to four threads", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        expect(await faultsOf(size)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 240_000);

  it("are so for work that threads share, of more rows than a job takes", async () => {
    shared = 0;
    const size = { lengths: [700, 0, 350, 3], width: 76, columns: 41, tableRows: 300, side: 2, heads: 1, seed: 5 };
    expect(await faultsOf(size)).toEqual([]);
    expect(shared).toBeGreaterThan(50);
  }, 120_000);

  it("are zeros for a batch of no rows, and for what nothing was taken of", async () => {
    const size = { lengths: [0, 0], width: 5, columns: 9, tableRows: 7, side: 2, heads: 1, seed: 1 };
    expect(await faultsOf(size)).toEqual([]);
    for (const opened of backends.values()) {
      for (const backend of opened) {
        const made = await run(backend, size);
        for (const name of [
          "linearWeight",
          "layerNorm gain",
          "layerNorm bias",
          "rmsNorm gain",
          "embed",
          "pool of all rows",
        ]) {
          expect(
            made.get(name)!.every((value) => value === 0),
            `of ${name}`,
          ).toBe(true);
          expect(made.get(name)!.length, `of ${name}`).toBeGreaterThan(0);
        }
      }
    }
  });
});
