// Weights in float16 (IEEE 754 binary16), two to a word, where nothing is lost by it: models are often stored so. They take
// half the memory, and products of few rows, which wait for weights, half the time to read them.

import { type Shape, sizeOf } from "../tensor.ts";
import { runEach } from "./elementwise.ts";
import type { GpuHost } from "./gpu-host.ts";
import { widenKernel } from "./kernels/moves.wgsl.ts";

/** Numbers that one read of a kernel takes. */
const numbersPerRead = 4;

/** Whether a tensor of this shape is kept in float16 if its values fit: a matrix whose rows are read four numbers at a time. */
export function mayBeHalves(shape: Shape): boolean {
  return shape.length === 2 && shape[1]! % numbersPerRead === 0;
}

/**
 * `values` as float16, the even one of each pair in the low bits; null unless each of them is 0 or a normal number of float16.
 * Subnormal ones are left out, since a GPU may take them for 0 (WGSL, section 15.7.2).
 */
export function halvesOf(values: Float32Array): Uint32Array | null {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const words = new Uint32Array(Math.ceil(values.length / 2));
  for (let i = 0; i < bits.length; i += 1) {
    const half = halfOf(bits[i]!);
    if (half < 0) return null;
    words[i >> 1]! |= half << (16 * (i & 1));
  }
  return words;
}

/** The bits of a float32 as those of the float16 that is equal to it, -1 if there is none. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude === 0) return sign;
  const exponent = (magnitude >>> 23) - 112; // biased by 15 instead of 127
  if (exponent < 1 || exponent > 30 || (magnitude & 0x1fff) !== 0) return -1;
  return sign | (exponent << 10) | ((magnitude >>> 13) & 0x3ff);
}

/** Pushes the work of making float32 of float16, for an operation that reads no other; returns the buffer. */
export function submitWiden(host: GpuHost, halves: GPUBuffer, shape: Shape): GPUBuffer {
  const wide = host.buffer(host.make(shape, "f32"));
  runEach(host, widenKernel, [halves, wide], sizeOf(shape) / 2, []);
  return wide;
}
