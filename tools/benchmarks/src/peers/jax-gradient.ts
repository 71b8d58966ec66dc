// The gradients of attention in jax-js: `vjp` runs attention once and keeps what going back needs.
import { blockUntilReady, jit, nn, numpy as np, vjp } from "@jax-js/jax";
import type { Contestant, HostArray } from "../contestant.ts";
import type { AttentionInputs } from "../ours.ts";
import { jaxName, residentArrays, residentJax } from "./jax.ts";
import type { AttentionSizes } from "./onnx-attention.ts";

/** Rows of the gradients of queries, keys and values, one after another. */
export async function jaxAttentionGradient(
  { sets, positions, heads, headWidth }: AttentionSizes,
  inputs: AttentionInputs,
  outputGradient: HostArray,
): Promise<Contestant> {
  const shape = [sets, positions, heads, headWidth];
  const attend = jit((q: np.Array, k: np.Array, v: np.Array) => nn.dotProductAttention(q, k, v));
  const upload = (values: HostArray): np.Array => np.array(values).reshape(shape);
  const [output, back] = vjp(attend, [upload(inputs.query), upload(inputs.key), upload(inputs.value)]);
  await blockUntilReady(output);
  output.dispose();
  const within = residentArrays(() => [upload(outputGradient)]);
  return {
    library: jaxName,
    name: `${jaxName} vjp`,
    async run() {
      const gradients = back(upload(outputGradient));
      const flat = new Float32Array(3 * outputGradient.length);
      for (const [i, gradient] of gradients.entries())
        flat.set((await gradient.data()) as HostArray, i * outputGradient.length);
      return flat;
    },
    resident: async (calls) => residentJax(calls, () => back(within.get()[0]!)),
    async dispose() {
      within.dispose();
      back.dispose();
      attend.dispose();
    },
  };
}
