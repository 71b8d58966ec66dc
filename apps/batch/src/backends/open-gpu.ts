// The GPU of this machine in Node: the package webgpu, which is Dawn, over the driver that the system has.

import { BackendUnavailableError } from "@saccade/attention-core";

/**
 * Loads the package and asks its GPU for an adapter. The process goes on for as long as somebody holds what comes back. Rejects
 * with `BackendUnavailableError`, whose reason says what is missing: the package, a build of it for this platform, or a driver.
 */
export async function openGpu(): Promise<GPU> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new BackendUnavailableError("Cannot open the GPU", [reason], { cause });
  };
  const { create } = await import("webgpu").catch((cause: unknown) =>
    refuse(`the package webgpu cannot be loaded: ${messageOf(cause)}`, cause),
  );
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp"; // Vulkan's loader complains without it.
  const driver = "a driver for Vulkan, Metal or Direct3D 12 must be installed";
  try {
    const gpu = create([]);
    if ((await gpu.requestAdapter()) !== null) return gpu;
  } catch (cause) {
    return refuse(`${driver}, the package webgpu says ${messageOf(cause)}`, cause);
  }
  return refuse(`${driver}, there is no adapter`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
