// The backends that `saccade train` may compute on.

import type { TrainingBackend } from "@saccade/attention-core";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";
import { openGpu } from "./open-gpu.ts";

/** Where training computes. */
export interface TrainingDevice {
  readonly backend: "wasm" | "webgpu";
  /** Of WASM. */
  readonly threads: number;
  /** Whether a program may do the work of the GPU. */
  readonly software: boolean;
}

/** A backend, and the name of the adapter that it computes on; null for WASM. */
export interface OpenTraining {
  readonly backend: TrainingBackend;
  readonly adapter: string | null;
}

/** Opens the backend. Rejects with `BackendUnavailableError`: no other takes its place, since a run should be repeatable. */
export async function openTrainingBackend({ backend, threads, software }: TrainingDevice): Promise<OpenTraining> {
  if (backend === "wasm") return { backend: await createWasmTrainingBackend({ threads }), adapter: null };
  const opened = await createWebgpuTrainingBackend({ gpu: await openGpu(), software });
  return { backend: opened, adapter: opened.adapter };
}
