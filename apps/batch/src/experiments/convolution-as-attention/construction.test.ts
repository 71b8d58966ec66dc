import { asyncDispose, dispose, gridWindows } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { afterAll, describe, expect, test } from "vitest";
import { convolveByAttention } from "./construction.ts";
import { convolveGrid, type GridRows, type Kernel, withoutRing, withRing } from "./convolution.ts";
import { drawnImage, drawnKernel } from "./experiment.ts";

const image = drawnImage(12, 10, 1);
const backends = [await createWasmBackend(), createReferenceBackend()];
afterAll(async () => {
  for (const backend of backends) await backend[asyncDispose]();
});

/** The convolution of this library: unfold and linear, zeros beyond the edges. */
async function convolveByUnfolding({ rows, columns, values }: GridRows, kernel: Kernel): Promise<Float32Array> {
  const { size, width, bias } = kernel;
  const reach = (size - 1) / 2;
  const { windows, taps } = gridWindows([[rows, columns]], {
    size: [size, size],
    padding: [reach, reach, reach, reach],
  });
  const workspace = backends[1]!.workspace();
  const table = workspace.upload(windows, [windows.length / taps, taps]);
  const beside = workspace.unfold(workspace.upload(values, [rows * columns, width]), table);
  const weight = workspace.upload(kernel.values, [taps * width, width]);
  const read = workspace.read(workspace.linear(beside, weight, workspace.upload(bias, [width])));
  workspace[dispose]();
  return read;
}

describe.each(backends)("on $name", (backend) => {
  describe.each([3, 5])("a kernel of %i", (size) => {
    const kernel = drawnKernel(size, 2);

    test("with a ring of zeros is the convolution with zero padding to 1e-5 from alpha 16 on", async () => {
      for (const alpha of [16, 24, 46, 100]) {
        const found = await convolveByAttention(backend, image, kernel, alpha, true);
        expect(largest(found, convolveGrid(image, kernel, "zero"))).toBeLessThan(1e-5);
      }
    });

    test("without the ring is the convolution with replicate padding, and not the one with zeros", async () => {
      const found = await convolveByAttention(backend, image, kernel, 46, false);
      expect(largest(found, convolveGrid(image, kernel, "replicate"))).toBeLessThan(1e-5);
      expect(largest(found, convolveGrid(image, kernel, "zero"))).toBeGreaterThan(0.1);
    });

    test("is far from it where alpha is small: heads then look at several pixels", async () => {
      const found = await convolveByAttention(backend, image, kernel, 1, true);
      expect(largest(found, convolveGrid(image, kernel, "zero"))).toBeGreaterThan(0.1);
    });
  });
});

test("a convolution by attention has the bits of one by unfold and linear, on the reference backend", async () => {
  for (const size of [3, 5]) {
    const kernel = drawnKernel(size, 2);
    const found = await convolveByAttention(backends[1]!, image, kernel, 46, true);
    expect(found).toEqual(await convolveByUnfolding(image, kernel));
  }
});

test("a kernel of 1 in the middle leaves the image as it is", async () => {
  const values = new Float32Array(9 * 16);
  for (let i = 0; i < 4; i += 1) values[4 * 16 + i * 4 + i] = 1;
  const kernel: Kernel = { size: 3, width: 4, values, bias: new Float32Array(4) };
  expect(await convolveByAttention(backends[1]!, image, kernel, 46, true)).toEqual(image.values);
});

test("withoutRing() takes away what withRing() puts around", () => {
  expect(withoutRing(withRing(image, 2), 2)).toEqual(image);
});

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i += 1) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}
