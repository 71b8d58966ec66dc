// The WebGPU backend: the entry "@saccade/attention-core/webgpu".

import { openDevice, type WebgpuOptions } from "./open-device.ts";
import { Webgpu, type WebgpuBackend } from "./webgpu-backend.ts";

export { GpuError } from "./gpu-error.ts";
export type { Variants } from "./variants.ts";
export type { WebgpuOptions } from "./open-device.ts";
export type { WebgpuBackend } from "./webgpu-backend.ts";

/**
 * Opens the GPU of this machine. Rejects with `BackendUnavailableError`, whose reasons say what is missing: a browser
 * without WebGPU, no adapter, or a software adapter that was not asked for.
 *
 * @example
 * const backend = await createWebgpuBackend();
 */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  return new Webgpu(await openDevice(options));
}
