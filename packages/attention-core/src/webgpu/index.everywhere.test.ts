// Opening the backend, and what it says of its device.

import { describe, expect, it } from "vitest";
import { asyncDispose } from "../disposal.ts";
import { BackendUnavailableError } from "../errors.ts";
import { lacksGpu } from "../../test/gpu.ts";
import { createWebgpuBackend } from "./index.ts";

const noGpu = await lacksGpu("opening WebGPU");

describe.skipIf(noGpu)("createWebgpuBackend()", () => {
  it("opens a software adapter when asked to, and says what it is", async () => {
    const backend = await createWebgpuBackend({ software: true });
    expect(backend.isSoftware).toBe(true);
    expect(backend.adapter).toMatch(/swiftshader/i);
    await backend[asyncDispose]();
  });

  it("takes a software adapter for none otherwise, and says so", async () => {
    const error: unknown = await createWebgpuBackend().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons[0]).toMatch(/is a program, not a GPU/);
  });
});
