import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { attend } from "./attend.ts";

console.log(await attend(await createWebgpuBackend()));
