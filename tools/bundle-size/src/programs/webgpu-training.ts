import { dispose } from "@saccade/attention-core";
import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";

const backend = await createWebgpuTrainingBackend();
const workspace = backend.workspace();
const x = workspace.upload(new Float32Array(8 * 8).fill(0.5), [8, 8]);
console.log(await workspace.read(workspace.linearWeightGradient(x, workspace.activateGradient(x, "gelu", x))));
workspace[dispose]();
