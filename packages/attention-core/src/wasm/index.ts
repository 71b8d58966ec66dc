// The WebAssembly backend: kernels of `kernels/` in one of four binaries, on one thread or several.

import { binaryUrl } from "./binaries.ts";
import { openDevice, type WasmBackendOptions } from "./device.ts";
import { kernelNames } from "./kernels.ts";
import { Wasm, type WasmBackend } from "./wasm-backend.ts";
import { ArenaWorkspace } from "./workspace.ts";

export type { WasmBackendOptions } from "./device.ts";
export type { BinaryName, BinarySource } from "./loader.ts";
export type { Thread } from "./thread-pool.ts";
export type { WasmBackend } from "./wasm-backend.ts";

/**
 * Opens a WASM backend. Threads need shared memory, which a page has only when it is cross-origin isolated; without it
 * there is one thread, and `reason` says so. Throws `RangeError` for options outside their range,
 * `BackendUnavailableError` where there is no SIMD or the binary cannot be loaded.
 */
export async function createWasmBackend(options: WasmBackendOptions = {}): Promise<WasmBackend> {
  const device = await openDevice(options, { kernelNames, urlOf: binaryUrl });
  return new Wasm(device, (owner, signal) => new ArenaWorkspace(owner, signal));
}
