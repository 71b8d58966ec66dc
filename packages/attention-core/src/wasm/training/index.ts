// The WebAssembly backend for training: binaries of its own, with the kernels of inference and those of the gradients.

import type { TrainingWorkspace } from "../../training.ts";
import { openDevice, type WasmBackendOptions } from "../device.ts";
import { kernelNames } from "../kernels.ts";
import { Wasm, type WasmBackend } from "../wasm-backend.ts";
import { trainingBinaryUrl } from "./binaries.ts";
import { gradientKernelNames } from "./kernels.ts";
import { GradientWorkspace } from "./workspace.ts";

export type { WasmBackendOptions } from "../device.ts";
export type { BinaryName, BinarySource } from "../loader.ts";
export type { Thread } from "../thread-pool.ts";
export type { WasmBackend } from "../wasm-backend.ts";

/** A WASM backend whose workspaces can go backward: a `TrainingBackend`. */
export interface WasmTrainingBackend extends WasmBackend {
  workspace(signal?: AbortSignal): TrainingWorkspace;
}

/**
 * Opens a WASM backend for training: `createWasmBackend` with binaries that have the gradients too, the files
 * `binaries/training-*.wasm`. A `binary` source of the caller's gives those for the same four names.
 */
export async function createWasmTrainingBackend(options: WasmBackendOptions = {}): Promise<WasmTrainingBackend> {
  const device = await openDevice(options, {
    kernelNames: [...kernelNames, ...gradientKernelNames],
    urlOf: trainingBinaryUrl,
  });
  return new Wasm(device, (owner, signal) => new GradientWorkspace(owner, signal));
}
