// The models of the core on the WASM backend: what jax-js computed, and what the reference backend generates.

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Backend,
  decode,
  describeGenerationWeights,
  encode,
  generate,
  type GeneratedSequence,
  type GenerationConfig,
  layoutDecoder,
  layoutEncoder,
  layoutGeneration,
  offsetsOf,
  planSelfAttention,
  projectMemory,
  uploadWeights,
} from "../src/index.ts";
import { asyncDispose, dispose } from "../src/disposal.ts";
import { createReferenceBackend } from "../src/reference/index.ts";
import { createWasmBackend, type WasmBackend } from "../src/wasm/index.ts";
import { readGolden } from "./golden.ts";
import { drawValues, drawWeights, largestDifference, smallEncoder } from "./models.ts";

let backend: WasmBackend;

beforeAll(async () => {
  backend = await createWasmBackend();
});

afterAll(async () => {
  await backend[asyncDispose]();
});

test.each(await readGolden("encoder"))("encode() on WASM gives what jax-js gives: $name", async (golden) => {
  const { config, rows, pattern } = golden;
  const weights = layoutEncoder(config, uploadWeights(backend, golden.weights).find);
  const offsets = offsetsOf(golden.lengths);
  const workspace = backend.workspace();
  const x = workspace.upload(Float32Array.from(rows.values), rows.shape);
  const hidden = await encode(workspace, config, weights, x, backend.plan(offsets, offsets, pattern));
  expect(largestDifference(await workspace.read(hidden.rows), golden.expected.values)).toBeLessThan(1e-5);
  workspace[dispose]();
});

test.each(await readGolden("decoder"))("decode() on WASM gives what jax-js gives: $name", async (golden) => {
  const { config, rows, memory } = golden;
  const weights = layoutDecoder(config, uploadWeights(backend, golden.weights).find);
  const offsets = offsetsOf(golden.lengths);
  const memoryOffsets = offsetsOf(memory?.lengths ?? []);
  const workspace = backend.workspace();
  const source = workspace.upload(Float32Array.from(memory?.rows.values ?? []), memory?.rows.shape ?? [0, 0]);
  const keysValues = projectMemory(workspace, config, weights, source, memoryOffsets);
  const x = workspace.upload(Float32Array.from(rows.values), rows.shape);
  const decoded = await decode(workspace, config, weights, x, planSelfAttention(backend, offsets), {
    memory: { keysValues, plan: backend.plan(offsets, memoryOffsets, { kind: "full" }) },
  });
  expect(largestDifference(await workspace.read(decoded.rows), golden.expected.values)).toBeLessThan(1e-5);
  workspace[dispose]();
});

const config: GenerationConfig = {
  vocabulary: 50,
  tied: true,
  decoder: { ...smallEncoder, width: 16, memoryWidth: 6, rotary: {} },
};

async function generateOn(device: Backend, beams: number): Promise<GeneratedSequence[]> {
  const uploaded = uploadWeights(device, drawWeights(describeGenerationWeights(config), 3));
  const weights = layoutGeneration(config, uploaded.find);
  const memory = { rows: device.upload(drawValues(1, 5 * 6), [5, 6]), offsets: offsetsOf([2, 3]) };
  const prompts = { tokens: Int32Array.of(1, 2, 3), offsets: offsetsOf([1, 2]) };
  const found = await generate(device, config, weights, prompts, { maxLength: 20, stop: 7, beams, memory });
  uploaded[dispose]();
  memory.rows[dispose]();
  return found;
}

test.each([1, 3])(
  "generate() on WASM with %d beams gives what the reference gives, and leaves nothing",
  async (beams) => {
    await generateOn(backend, beams);
    const live = backend.liveBytes;
    const found = await generateOn(backend, beams);
    const expected = await generateOn(createReferenceBackend(), beams);
    expect(found.map(({ tokens }) => [...tokens])).toEqual(expected.map(({ tokens }) => [...tokens]));
    for (const [set, { logProbability }] of found.entries()) {
      expect(logProbability).toBeCloseTo(expected[set]?.logProbability ?? Number.NaN, 3);
    }
    expect(backend.liveBytes).toBe(live);
  },
);
