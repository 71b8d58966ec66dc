// jax-js on its WASM device or on the GPU: compiled by `jit`, arrays made and released in each call, as its own benchmarks do.
import { blockUntilReady, defaultDevice, getWebGPUDevice, init, jit, nn, numpy as np } from "@jax-js/jax";
import type { Contestant, HostArray } from "../contestant.ts";
import type { AttentionInputs } from "../ours.ts";
import type { AttentionSizes } from "./onnx-attention.ts";

export const jaxName = "jax-js";

/** Call once, before any other function here. Rejects where jax-js finds no such device. */
export async function startJax(device: "wasm" | "webgpu"): Promise<void> {
  const found = await init(device);
  if (!found.includes(device)) throw new Error(`jax-js finds no ${device}`);
  defaultDevice(device);
}

/** See `Contestant.resident`; on the GPU alone. An array is computed once it is asked for, so that each is; that takes it, too. */
export async function residentJax(calls: number, make: () => readonly np.Array[]): Promise<void> {
  for (let call = 0; call < calls; call++) {
    for (const made of make()) await made.gpuBuffer();
  }
  await getWebGPUDevice().queue.onSubmittedWorkDone();
}

/** Arrays that are made at their first use and stay. */
export function residentArrays(make: () => readonly np.Array[]): {
  readonly get: () => readonly np.Array[];
  readonly dispose: () => void;
} {
  let arrays: readonly np.Array[] | undefined;
  return {
    get: () => (arrays ??= make()).map(({ ref }) => ref),
    dispose: () => arrays?.forEach((array) => array.dispose()),
  };
}

/** [rows, inner] x [inner, columns]; the weight stays on the device. */
export async function jaxMatMul(
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  x: HostArray,
  weight: HostArray,
): Promise<Contestant> {
  const resident = await blockUntilReady(np.array(weight).reshape([inner, columns]));
  const multiply = jit((a: np.Array, b: np.Array) => np.matmul(a, b));
  const upload = (): np.Array[] => [np.array(x).reshape([rows, inner])];
  const within = residentArrays(upload);
  return {
    library: jaxName,
    name: jaxName,
    async run() {
      const product = multiply(upload()[0]!, resident.ref);
      return (await product.data()) as HostArray;
    },
    resident: async (calls) => residentJax(calls, () => [multiply(within.get()[0]!, resident.ref)]),
    async dispose() {
      within.dispose();
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
  const upload = (): np.Array[] => jaxRows(inputs, shape);
  const within = residentArrays(upload);
  const call = ([q, k, v]: readonly np.Array[]): np.Array => attend(q!, k!, v!);
  return {
    library: jaxName,
    name: jaxName,
    run: async () => (await call(upload()).data()) as HostArray,
    resident: async (calls) => residentJax(calls, () => [call(within.get())]),
    async dispose() {
      within.dispose();
      attend.dispose();
    },
  };
}

/** Queries, keys and values, each of `shape`. */
export function jaxRows({ query, key, value }: AttentionInputs, shape: number[]): np.Array[] {
  return [query, key, value].map((values) => np.array(values).reshape(shape));
}
