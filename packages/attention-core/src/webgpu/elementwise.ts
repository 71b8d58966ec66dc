// Elementwise operations as work.

import type { Activation } from "../backend.ts";
import { type DType, sizeOf, type Tensor } from "../tensor.ts";
import type { GpuHost } from "./gpu-host.ts";
import { floatBits, type Kernel } from "./kernel.ts";
import { activateKernel, combineKernel, elementsPerUnit, fillKernel } from "./kernels/elementwise.wgsl.ts";

/** Pushes a kernel with a thread for each of `size` elements, which is its first parameter. */
export function runEach(
  host: GpuHost,
  kernel: Kernel,
  buffers: readonly GPUBuffer[],
  size: number,
  parameters: readonly number[],
): void {
  host.run(kernel, buffers, [size, ...parameters], Math.ceil(size / elementsPerUnit), 4 * elementsPerUnit);
}

/** act(x). */
export function submitActivate(host: GpuHost, x: Tensor, activation: Activation): Tensor {
  const given = host.buffer(x);
  const out = host.make(x.shape, "f32");
  runEach(host, activateKernel(activation), [given, host.buffer(out)], sizeOf(x.shape), []);
  return out;
}

/** a + b or a · b; element i goes with element i mod `period` of b. */
export function submitCombine(
  host: GpuHost,
  operation: "add" | "multiply",
  a: Tensor,
  b: Tensor,
  period: number,
): Tensor {
  const buffers = [host.buffer(a), host.buffer(b)];
  const out = host.make(a.shape, "f32");
  runEach(host, combineKernel(operation), [...buffers, host.buffer(out)], sizeOf(a.shape), [period]);
  return out;
}

/** Every element of x becomes one number, -Infinity among them. */
export function submitFill(host: GpuHost, x: Tensor<DType>, value: number): void {
  runEach(host, fillKernel, [host.buffer(x)], sizeOf(x.shape), [floatBits(value)]);
}
