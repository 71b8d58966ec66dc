import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { attend } from "./attend.ts";

console.log(await attend(await createWebgpuBackend().catch(() => createWasmBackend())));
