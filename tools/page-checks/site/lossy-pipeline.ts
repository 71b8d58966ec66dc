// A pipeline on a GPU whose process ends at a moment that a test names. Whoever serves the page ends it when asked for
// `end-gpu-process`; the request is synchronous, so that nothing of the page runs meanwhile.

import type { Backend } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { createPipeline, type PipelineOf } from "@saccade/pipeline";
import { looks, looksFiles } from "../../../packages/pipeline/test/looks.ts";
import { type GpuMoment, type GpuPhase, watchGpu } from "../../../packages/pipeline/test/watched-gpu.ts";

/** When the GPU's process is to end. */
export interface Loss {
  /**
   * At the first call of this kind on each device that is open; `opening` at the first dispatch on one that is being opened,
   * `idle` where the page says so.
   */
  readonly phase: GpuPhase | "opening" | "idle";
  readonly moment: GpuMoment;
  /** On how many devices. */
  readonly times: number;
}

/** Ends the process; returns when it is gone. */
export function endGpuProcess(): void {
  const request = new XMLHttpRequest();
  request.open("GET", new URL("/end-gpu-process", location.origin), false);
  request.send();
  if (request.status !== 200)
    throw new Error(`Cannot end the GPU process: the page must be told, it got ${request.status}`);
}

/** Opens the pipeline: on the GPU, then on WASM. */
export async function openLossyPipeline({ phase, moment, times }: Loss): Promise<PipelineOf<typeof looks>> {
  let left = times;
  let isOpening = false;
  const struck = new WeakSet<GPUDevice>();
  const gpu = watchGpu(navigator.gpu, (called, when, device) => {
    const ofOpening = called === "dispatch" ? "opening" : null;
    const at = isOpening && device !== null ? ofOpening : called;
    if (left === 0 || at !== phase || when !== moment) return;
    if (device !== null && struck.has(device)) return;
    if (device !== null) struck.add(device);
    left -= 1;
    endGpuProcess();
  });
  const openGpu = async (): Promise<Backend> => {
    isOpening = true;
    try {
      return await createWebgpuBackend({ gpu, software: true });
    } finally {
      isOpening = false;
    }
  };
  return createPipeline(looks, {
    model: looksFiles(),
    backends: [openGpu, createWasmBackend],
    maxPositionsPerBatch: 32,
  });
}
