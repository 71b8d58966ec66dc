// The WebGPU backend for training: the entry "@saccade/attention-core/webgpu-training". What runs models alone downloads
// none of it.

import type { TrainingWorkspace } from "../../training.ts";
import { openDevice, type WebgpuOptions } from "../open-device.ts";
import { Webgpu, type WebgpuBackend } from "../webgpu-backend.ts";
import { GpuTrainingWorkspace } from "./workspace.ts";

export type { WebgpuOptions } from "../open-device.ts";
export type { WebgpuBackend } from "../webgpu-backend.ts";

/** A WebGPU backend whose workspaces can go backward: a `TrainingBackend`. */
export interface WebgpuTrainingBackend extends WebgpuBackend {
  workspace(signal?: AbortSignal): TrainingWorkspace;
}

class WebgpuTraining extends Webgpu implements WebgpuTrainingBackend {
  override workspace(signal?: AbortSignal): GpuTrainingWorkspace {
    this.check();
    return new GpuTrainingWorkspace(this, signal);
  }
}

/**
 * Opens the GPU of this machine for training. Options and errors are those of `createWebgpuBackend`: a software adapter is
 * refused unless `software` is true.
 *
 * @example
 * const backend = differentiable(await createWebgpuTrainingBackend());
 */
export async function createWebgpuTrainingBackend(options: WebgpuOptions = {}): Promise<WebgpuTrainingBackend> {
  const opened = await openDevice(options);
  // Gradients read parameters as float32, and what is a number of float16 at the start does not stay one.
  return new WebgpuTraining({ ...opened, variants: { ...opened.variants, f16: false } });
}
