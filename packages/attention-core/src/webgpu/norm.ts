// Operations on whole rows as work: norms and softmax.

import type { Tensor } from "../tensor.ts";
import type { GpuHost } from "./gpu-host.ts";
import { floatBits } from "./kernel.ts";
import { layerNormKernel, rmsNormKernel, softmaxKernel } from "./kernels/rows.wgsl.ts";

/** The norm of each row of x [P, W]. */
export function submitLayerNorm(host: GpuHost, x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
  const [P, W] = x.shape as readonly [number, number];
  const buffers = [x, gain, ...(bias === null ? [] : [bias])].map((each) => host.buffer(each));
  const out = host.make([P, W], "f32");
  const kernel = layerNormKernel(bias !== null, host.variants);
  host.run(kernel, [...buffers, host.buffer(out)], [W, floatBits(epsilon)], P, 4 * Math.max(64, W));
  return out;
}

/** The norm by the mean of squares. */
export function submitRmsNorm(host: GpuHost, x: Tensor, gain: Tensor, epsilon: number): Tensor {
  const [P, W] = x.shape as readonly [number, number];
  const buffers = [host.buffer(x), host.buffer(gain)];
  const out = host.make([P, W], "f32");
  const kernel = rmsNormKernel(host.variants);
  host.run(kernel, [...buffers, host.buffer(out)], [W, floatBits(epsilon)], P, 3 * Math.max(64, W));
  return out;
}

/** Softmax of each row of x [P, W], or its logarithm. */
export function submitSoftmax(host: GpuHost, x: Tensor, logarithm: boolean): Tensor {
  const [P, W] = x.shape as readonly [number, number];
  const given = host.buffer(x);
  const out = host.make([P, W], "f32");
  const kernel = softmaxKernel(logarithm, host.variants);
  host.run(kernel, [given, host.buffer(out)], [W, floatBits(NaN)], P, 8 * Math.max(64, W));
  return out;
}
