// The host's side of `kernels/index.ts`: names and numbers that both sides agree on.

import type { Activation, Pooling } from "../backend.ts";
import type { GradientKernelName } from "./training/kernels.ts";

/** The exports of a binary for inference, in the order of their numbers. */
export const kernelNames = [
  "attention",
  "attentionMaps",
  "attentionPack",
  "attentionRowScores",
  "attentionRows",
  "attentionScores",
  "activate",
  "combine",
  "copyColumns",
  "gather",
  "layerNorm",
  "linear",
  "packWeight",
  "pool",
  "rmsNorm",
  "rotate",
  "softmax",
] as const;

/** A kernel's name. Those for gradients are in the binaries for training alone. */
export type KernelName = (typeof kernelNames)[number] | GradientKernelName;

/** Does units `from .. to` of the work described at `parameters`. */
export type Kernel = (parameters: number, from: number, to: number, scratch: number) => void;

/** What a binary exports, as far as it has it. */
export type Kernels = Readonly<Record<KernelName, Kernel>>;

/** Numbers of the activations in `kernels/simd.ts`; 0 is none. */
export const activationCodes: Readonly<Record<Activation, number>> = {
  gelu: 1,
  geluTanh: 2,
  relu: 3,
  silu: 4,
  tanh: 5,
  sigmoid: 6,
  elu: 7,
};

/** Numbers of the poolings in `kernels/pool.ts`. */
export const poolingCodes: Readonly<Record<Pooling, number>> = { mean: 0, max: 1, first: 2, sum: 3 };

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The bits of `x` as f32, for a parameter among integers. */
export function floatBits(x: number): number {
  float[0] = x;
  return bits[0]!;
}
