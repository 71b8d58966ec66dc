// What a device whose features are wrong comes to.

import { describe, expect, it } from "vitest";
import { countedGpu, replace } from "../../test/counted-gpu.ts";
import { asyncDispose, dispose } from "../disposal.ts";
import { BackendUnavailableError } from "../errors.ts";
import { createWebgpuBackend, type WebgpuBackend } from "./index.ts";

const adapter = (await globalThis.navigator.gpu?.requestAdapter()) ?? null;
if (adapter === null) console.warn("Skipped: self-tests, there is no adapter here");
const hasSubgroups = adapter?.features.has("subgroups") === true;

/** A backend whose device compiles other programs than it is given. */
async function openWith(change: (code: string) => string): Promise<WebgpuBackend> {
  const onDevice = (device: GPUDevice): void => {
    const create = device.createShaderModule.bind(device);
    replace(device, "createShaderModule", (descriptor: GPUShaderModuleDescriptor) =>
      create({ ...descriptor, code: change(descriptor.code) }),
    );
  };
  const { gpu } = (await countedGpu(globalThis.navigator.gpu, { onDevice }))!;
  return createWebgpuBackend({ gpu, software: true });
}

/** The norm of a row, which a variant computes. */
async function normOf(backend: WebgpuBackend): Promise<Float32Array> {
  const workspace = backend.workspace();
  const values = Float32Array.from({ length: 100 }, (_, i) => i - 49.5);
  const y = workspace.rmsNorm(
    workspace.upload(values, [1, 100]),
    workspace.upload(new Float32Array(100).fill(1), [100]),
    0,
  );
  const found = await workspace.read(y);
  workspace[dispose]();
  const root = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / 100);
  found.forEach((value, i) => expect(value).toBeCloseTo(values[i]! / root, 5));
  return found;
}

describe.skipIf(adapter === null)("selfTest()", () => {
  it("uses the subgroups of a device that has them and computes rightly", async () => {
    const backend = await openWith((code) => code);
    expect(backend.variants.subgroups).toBe(hasSubgroups);
    await normOf(backend);
    await backend[asyncDispose]();
  });

  it.skipIf(!hasSubgroups)("does without subgroups that give a wrong sum, and says so", async () => {
    const backend = await openWith((code) => code.replaceAll("subgroupAdd(", "subgroupMax("));
    expect(backend.variants.subgroups).toBe(false);
    expect(backend.reason).toMatch(/its subgroups are not used: a sum must be -?\d+, it is -?\d+/);
    await normOf(backend);
    await backend[asyncDispose]();
  });

  it.skipIf(!hasSubgroups)("does without subgroups that do not compile, and says so", async () => {
    const backend = await openWith((code) => code.replaceAll("subgroupAdd(", "subgroupNothing("));
    expect(backend.variants.subgroups).toBe(false);
    expect(backend.reason).toMatch(/its subgroups are not used: Cannot compile probe with subgroups/);
    await backend[asyncDispose]();
  });

  it("does without float16 that is unpacked wrongly, and says so", async () => {
    const backend = await openWith((code) => code.replaceAll(/unpack2x16float\((.*?\])\)/g, "unpack2x16snorm($1)"));
    expect(backend.variants.f16).toBe(false);
    expect(backend.reason).toMatch(/its f16 is not used: a (sum|maximum) must be /);
    await normOf(backend);
    await backend[asyncDispose]();
  });

  it("refuses a device that computes wrongly without any feature", async () => {
    const error: unknown = await openWith((code) => code.replaceAll("a + b", "a - b")).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons[0]).toMatch(/gives no device: a sum must be/);
  });

  it("takes a device of the default limits without features", async () => {
    const { gpu } = (await countedGpu(globalThis.navigator.gpu, { plain: true }))!;
    const backend = await createWebgpuBackend({ gpu, software: true });
    expect(backend.variants).toEqual({ subgroups: false, f16: true });
    expect(backend.limits.maxBufferBytes).toBe(2 ** 27);
    await normOf(backend);
    await backend[asyncDispose]();
  });
});
