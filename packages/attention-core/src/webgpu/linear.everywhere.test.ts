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
