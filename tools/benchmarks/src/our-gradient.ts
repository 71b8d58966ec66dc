// The gradients of attention as a contestant. Attention has run before, and its inputs and results are on the device, as
// in a training step; the gradient of the output comes from the host and the three gradients go back there.
import {
  asyncDispose,
  dispose,
  type Tensor,
  type TrainingBackend,
  type TrainingWorkspace,
} from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import type { Contestant, Expected, HostArray } from "./contestant.ts";
import type { AttentionInputs } from "./ours.ts";
import type { AttentionSizes } from "./peers/onnx-attention.ts";

/** Rows of the gradients of queries, keys and values, one after another. */
export async function ourAttentionGradient(
  threads: number,
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  outputGradient: HostArray,
): Promise<Contestant> {
  const backend = await createWasmTrainingBackend({ threads });
  const gradients = await prepareGradients(backend, sizes, inputs);
  return {
    library: "saccade",
    name: "saccade",
    run: async () => gradients(outputGradient),
    memoryBytes: () => backend.peakBytes,
    dispose: async () => backend[asyncDispose](),
  };
}

/** The same by the reference backend. */
export async function expectedGradients(
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  outputGradient: HostArray,
): Promise<Expected> {
  const gradients = await prepareGradients(createReferenceTrainingBackend(), sizes, inputs);
  const values = await gradients(outputGradient);
  const width = sizes.heads * sizes.headWidth;
  const rows = Int32Array.from({ length: values.length / width }, (_, row) => row);
  return { rows, width, values: values.slice() };
}

/** Attends, and returns what gives the gradients, in an array that every call reuses. */
async function prepareGradients(
  backend: TrainingBackend,
  { positions, heads, headWidth }: AttentionSizes,
  inputs: AttentionInputs,
): Promise<(outputGradient: HostArray) => Promise<HostArray>> {
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
  const size = positions * heads * headWidth;
  const flat = new Float32Array(3 * size);
  const back = async (workspace: TrainingWorkspace, outputGradient: HostArray): Promise<void> => {
    const dy = workspace.upload(outputGradient, shape);
    const made = workspace.attentionGradient(q, k, v, plan, { heads }, attended, dy);
    const reads = [made.q, made.k, made.v].map(async (gradient, i) =>
      workspace.read(gradient, flat.subarray(i * size, (i + 1) * size)),
    );
    await Promise.all(reads);
  };
  return async (outputGradient) => {
    const workspace = backend.workspace();
    try {
      await back(workspace, outputGradient);
      return flat;
    } finally {
      workspace[dispose]();
    }
  };
}
