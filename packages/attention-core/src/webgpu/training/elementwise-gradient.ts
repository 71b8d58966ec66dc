// Dropout, and elementwise operations backward.

import type { Activation } from "../../backend.ts";
import { type DType, sizeOf, type Tensor } from "../../tensor.ts";
import { type Dropout, mix } from "../../training.ts";
import { floatBits, type Kernel } from "../kernel.ts";
import { elementsPerUnit } from "../kernels/elementwise.wgsl.ts";
import type { GpuHost } from "../workspace.ts";
import { activateGradientKernel } from "./kernels/activate-gradient.wgsl.ts";
import { dropoutKernel } from "./kernels/dropout.wgsl.ts";
import { negateKernel } from "./kernels/negate.wgsl.ts";

/** Pushes a kernel with a thread for each of `size` elements, which is its first parameter. */
export function submitEach(
  host: GpuHost,
  kernel: Kernel,
  tensors: readonly Tensor<DType>[],
  size: number,
  parameters: readonly number[] = [],
  cost: number = 4,
): void {
  const buffers = tensors.map((each) => host.buffer(each));
  host.run(kernel, buffers, [size, ...parameters], Math.ceil(size / elementsPerUnit), cost * elementsPerUnit);
}

/** What kernels are told of dropout: 1 / (1 - rate), the least hash that stays, and the mixed seed. */
export function dropoutParameters(dropout: Dropout | null): readonly [scale: number, from: number, seed: number] {
  if (dropout === null) return [floatBits(1), 0, 0];
  const { rate, seed } = dropout;
  return [floatBits(1 / (1 - rate)), Math.min(2 ** 32 - 1, Math.ceil(rate * 2 ** 32)), mix(seed)];
}

/** x with elements dropped. */
export function submitDropout(host: GpuHost, x: Tensor, dropout: Dropout, size: number): Tensor {
  host.buffer(x as Tensor<DType>);
  const y = host.make(x.shape, "f32");
  submitEach(host, dropoutKernel, [x, y] as Tensor<DType>[], size, dropoutParameters(dropout), 16);
  return y;
}

/** dy · act′(x). */
export function submitActivateGradient(
  host: GpuHost,
  x: Tensor,
  activation: Activation,
  dy: Tensor,
  size: number,
): Tensor {
  for (const each of [x, dy]) host.buffer(each as Tensor<DType>);
  const dx = host.make(x.shape, "f32");
  submitEach(host, activateGradientKernel(activation), [x, dy, dx] as Tensor<DType>[], size, [], 32);
  return dx;
}

/** -x. */
export function submitNegated(host: GpuHost, x: Tensor): Tensor {
  host.buffer(x as Tensor<DType>);
  const y = host.make(x.shape, "f32");
  submitEach(host, negateKernel, [x, y] as Tensor<DType>[], sizeOf(x.shape));
  return y;
}
