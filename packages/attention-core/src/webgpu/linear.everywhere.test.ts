// Every kernel of linear against the reference backend, and the promise that they give the same bits.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import { randomStream } from "../random.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { lacksGpu } from "../../test/gpu.ts";
import { createWebgpuBackend } from "./index.ts";
import { linearTiles } from "./kernels/linear.wgsl.ts";
import { chooseLinear, type LinearChoice, submitLinear } from "./linear.ts";
import type { Webgpu } from "./webgpu-backend.ts";

const noGpu = await lacksGpu("linear on WebGPU");

const choices: readonly LinearChoice[] = [
  { fewRows: 16 },
  { tile: linearTiles.flat },
  { tile: linearTiles.medium },
  { tile: linearTiles.large },
];

// A software adapter takes a while to compile, where others share the processor.
describe.skipIf(noGpu)("submitLinear()", { timeout: 180_000 }, () => {
  let backend: Webgpu;
  beforeAll(async () => {
    backend = (await createWebgpuBackend({ software: true })) as Webgpu;
  });
  afterAll(async () => backend[asyncDispose]());

  for (const [P, I, O] of [
    [3, 7, 5],
    [15, 68, 66],
    [130, 18, 132],
  ] as const) {
    it(`[${P}, ${I}] · [${I}, ${O}] is the reference's, whichever kernel makes it, to the bit`, async () => {
      const random = randomStream(100 * P + 10 * I + O);
      const draw = (size: number): Float32Array => Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
      const values = { x: draw(P * I), weight: draw(I * O), bias: draw(O) };
      const reference = createReferenceBackend();
      const open = reference.workspace();
      const expected = await open.read(
        open.linear(
          open.upload(values.x, [P, I]),
          open.upload(values.weight, [I, O]),
          open.upload(values.bias, [O]),
          "gelu",
        ),
      );
      const workspace = backend.workspace();
      const x = workspace.upload(values.x, [P, I]);
      const weight = workspace.upload(values.weight, [I, O]);
      const bias = workspace.upload(values.bias, [O]);
      const results: Float32Array[] = [];
      for (const choice of choices) {
        if ("fewRows" in choice && P > choice.fewRows) continue;
        results.push(await workspace.read(submitLinear(workspace, x, weight, bias, "gelu", choice)));
      }
      workspace[dispose]();
      results[0]!.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-5 + 1e-4 * Math.abs(expected[i]!));
      });
      for (const result of results) expect(result).toEqual(results[0]);
    });
  }
});

describe.skipIf(noGpu)("weights that float16 holds exactly", { timeout: 180_000 }, () => {
  let backend: Webgpu;
  beforeAll(async () => {
    backend = (await createWebgpuBackend({ software: true })) as Webgpu;
  });
  afterAll(async () => backend[asyncDispose]());

  const [I, O] = [24, 68];
  const random = randomStream(16);
  // Eleven bits of 2^-10: what float16 has between 1 and 2.
  const exact = Float32Array.from({ length: I * O }, () => Math.round(2048 * (2 * random.uniform() - 1)) / 1024);

  it("take two bytes a number, and come back as they were", async () => {
    const before = backend.liveBytes;
    const weight = backend.upload(exact, [I, O]);
    expect(backend.variants.f16).toBe(true);
    expect(backend.liveBytes - before).toBeLessThan(3 * exact.length);
    const workspace = backend.workspace();
    expect(await workspace.read(weight)).toEqual(exact);
    expect(await workspace.read(workspace.reshape(weight, [I * O]))).toEqual(exact);
    workspace[dispose]();
    weight[dispose]();
  });

  it("stay float32 where one of them does not fit", async () => {
    const before = backend.liveBytes;
    const weight = backend.upload(Float32Array.of(...exact.subarray(1), 0.1), [I, O]);
    expect(backend.liveBytes - before).toBeGreaterThanOrEqual(4 * exact.length);
    weight[dispose]();
  });

  for (const P of [1, 15, 20, 70]) {
    it(`give the bits of float32 in products of ${P} rows`, async () => {
      const x = Float32Array.from({ length: P * I }, () => 2 * random.uniform() - 1);
      const weight = backend.upload(exact, [I, O]);
      const workspace = backend.workspace();
      const [rows, wide] = [workspace.upload(x, [P, I]), workspace.upload(exact, [I, O])];
      const expected = await workspace.read(workspace.linear(rows, wide, null, "relu"));
      expect(await workspace.read(workspace.linear(rows, weight, null, "relu"))).toEqual(expected);
      workspace[dispose]();
      weight[dispose]();
    });
  }

  it("give their rows by number, and serve every other operation", async () => {
    const table = backend.upload(exact, [I, O]);
    const workspace = backend.workspace();
    const found = await workspace.read(workspace.embed(table, workspace.upload(Int32Array.of(3, -1, 23, I), [4])));
    const expected = new Float32Array(4 * O);
    expected.set(exact.subarray(3 * O, 4 * O));
    expected.set(exact.subarray(23 * O), 2 * O);
    expect(found).toEqual(expected);
    const sum = await workspace.read(workspace.add(table, table));
    expect(sum).toEqual(exact.map((value) => 2 * value));
    workspace[dispose]();
    table[dispose]();
  });
});

describe.skipIf(noGpu)("chooseLinear()", () => {
  it("goes by rows, and takes large tiles only where there are enough of them", () => {
    expect(chooseLinear(1, 768)).toEqual({ fewRows: 1 });
    expect(chooseLinear(3, 768)).toEqual({ fewRows: 4 });
    expect(chooseLinear(15, 768)).toEqual({ fewRows: 16 });
    expect(chooseLinear(16, 768)).toEqual({ tile: linearTiles.flat });
    expect(chooseLinear(40, 768)).toEqual({ tile: linearTiles.medium });
    expect(chooseLinear(1024, 1024)).toEqual({ tile: linearTiles.medium });
    expect(chooseLinear(2048, 1024)).toEqual({ tile: linearTiles.large });
    expect(chooseLinear(100_000, 64)).toEqual({ tile: linearTiles.medium });
  });
});
