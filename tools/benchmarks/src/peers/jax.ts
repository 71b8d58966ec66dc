// jax-js on its WASM device: compiled by `jit`, arrays made and released in each call, as its own benchmarks do.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np } from "@jax-js/jax";
import type { Contestant, HostArray } from "../contestant.ts";
import type { AttentionInputs } from "../ours.ts";
import type { AttentionSizes } from "./onnx-attention.ts";

export const jaxName = "jax-js";

/** Call once, before any other function here. */
export async function startJax(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
}

/** [rows, inner] x [inner, columns]; the weight stays on the device. */
export async function jaxMatMul(
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  x: HostArray,
  weight: HostArray,
): Promise<Contestant> {
  const resident = await blockUntilReady(np.array(weight).reshape([inner, columns]));
  const multiply = jit((a: np.Array, b: np.Array) => np.matmul(a, b));
  return {
    library: jaxName,
    name: jaxName,
    async run() {
      const product = multiply(np.array(x).reshape([rows, inner]), resident.ref);
      return (await product.data()) as HostArray;
    },
    async dispose() {
      resident.dispose();
      multiply.dispose();
    },
  };
}

/** `nn.dotProductAttention`; `window` positions to either side, where given. */
export async function jaxAttention(
  { sets, positions, heads, headWidth }: AttentionSizes,
  inputs: AttentionInputs,
  options: { readonly causal?: boolean; readonly window?: number } = {},
): Promise<Contestant> {
  const shape = [sets, positions, heads, headWidth];
  const settings = {
    isCausal: options.causal === true,
    ...(options.window === undefined ? {} : { localWindowSize: options.window }),
  };
  const attend = jit((q: np.Array, k: np.Array, v: np.Array) => nn.dotProductAttention(q, k, v, settings));
  return {
    library: jaxName,
    name: jaxName,
    async run() {
      const [q, k, v] = [inputs.query, inputs.key, inputs.value].map((values) => np.array(values).reshape(shape));
      return (await attend(q!, k!, v!).data()) as HostArray;
    },
    async dispose() {
      attend.dispose();
    },
  };
}
