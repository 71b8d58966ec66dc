// The gradients of attention as a contestant. Attention has run before, and its inputs and results are on the device, as
// in a training step; the gradient of the output comes from the host and the three gradients go back there.
import { dispose, type Tensor, type TrainingBackend } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";
import type { Contestant, Expected, HostArray } from "./contestant.ts";
import { type AttentionInputs, contestant } from "./ours.ts";
import type { AttentionSizes } from "./peers/onnx-attention.ts";
import type { Threads } from "./shapes.ts";

/** Rows of the gradients of queries, keys and values, one after another. */
export async function ourAttentionGradient(
  threads: Threads,
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  outputGradient: HostArray,
): Promise<Contestant> {
  const backend =
    threads === "gpu"
      ? await createWebgpuTrainingBackend({ software: true })
      : await createWasmTrainingBackend({ threads });
  return gradientContestant(backend, sizes, inputs, outputGradient);
}

/** The same by the reference backend. */
export async function expectedGradients(
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  outputGradient: HostArray,
): Promise<Expected> {
  const backend = Object.assign(createReferenceTrainingBackend(), { peakBytes: NaN });
  const values = await (await gradientContestant(backend, sizes, inputs, outputGradient)).run();
  const width = sizes.heads * sizes.headWidth;
  const rows = Int32Array.from({ length: values.length / width }, (_, row) => row);
  return { rows, width, values };
}

/** Attends, keeps what going back needs, and goes back in each call. */
async function gradientContestant(
  backend: TrainingBackend & { readonly peakBytes: number },
  { positions, heads, headWidth }: AttentionSizes,
  inputs: AttentionInputs,
  outputGradient: HostArray,
): Promise<Contestant> {
  const shape = [positions, heads * headWidth];
  const offsets = Int32Array.of(0, positions);
  const plan = backend.plan(offsets, offsets, { kind: "full" });
  const upload = (values: HostArray): Tensor => backend.upload(values, shape);
  const [q, k, v] = [upload(inputs.query), upload(inputs.key), upload(inputs.value)];
  const forward = backend.workspace();
  const { output, maps } = forward.attention(q, k, v, plan, { heads, maps: { logSumExp: true } });
  const attended = { output: forward.keep(output), logSumExp: forward.keep(maps.logSumExp!) };
  await forward.checkpoint();
  forward[dispose]();
  return contestant("saccade", backend, [{ values: outputGradient, shape }], (workspace, [dy]) => {
    const made = workspace.attentionGradient(q, k, v, plan, { heads }, attended, dy!);
    return [made.q, made.k, made.v];
  });
}
