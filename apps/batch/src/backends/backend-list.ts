// What --backend and --compare name: backends in the order in which a pipeline tries them.

import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import type { OpenBackend } from "@saccade/pipeline";
import { openGpu } from "./open-gpu.ts";

/** `auto` takes a GPU where there is one; `webgpu` also a program that does the work of one. */
export type BackendName = "wasm" | "webgpu" | "reference" | "auto";

/** Openers for a pipeline. WASM follows a GPU, which may be lost. */
export function backendList(name: BackendName, threads: number): readonly OpenBackend[] {
  const wasm: OpenBackend = () => createWasmBackend({ threads });
  const webgpu = (software: boolean): OpenBackend => {
    return async () => createWebgpuBackend({ gpu: await openGpu(), software });
  };
  switch (name) {
    case "wasm":
      return [wasm, createReferenceBackend];
    case "reference":
      return [createReferenceBackend];
    case "webgpu":
      return [webgpu(true), wasm];
    case "auto":
      return [webgpu(false), wasm, createReferenceBackend];
  }
}
