// Gradients of the norms and of softmax.

import type { Tensor } from "../../tensor.ts";
import type { KernelHost } from "../kernel-host.ts";
import { floatBits } from "../kernels.ts";
import { submitPool } from "../rows.ts";

/** Rows whose parts of the sums over rows are added up before those of others: a unit. */
const rowsPerUnit = 32;

/** What x, gain and bias get. */
export interface NormGradients {
  readonly x: Tensor;
  readonly gain: Tensor;
  readonly bias: Tensor;
}

/**
 * Queues the gradient of a norm of x [P, W]. Each block of rows has sums of its own, which are then added up in their
 * order, so that bits do not depend on threads.
 */
export function submitNormGradient<K extends "layerNormGradient" | "rmsNormGradient">(
  host: KernelHost,
  kernel: K,
  x: Tensor,
  gain: Tensor,
  epsilon: number,
  dy: Tensor,
  { P, W }: { readonly P: number; readonly W: number },
): K extends "layerNormGradient" ? NormGradients : Omit<NormGradients, "bias">;
export function submitNormGradient(
  host: KernelHost,
  kernel: "layerNormGradient" | "rmsNormGradient",
  x: Tensor,
  gain: Tensor,
  epsilon: number,
  dy: Tensor,
  { P, W }: { readonly P: number; readonly W: number },
): NormGradients | Omit<NormGradients, "bias"> {
  const out = host.make([P, W], "f32");
  const units = Math.ceil(P / rowsPerUnit);
  const blocks = host.store(Int32Array.of(0, units));
  const gainSums = host.allocate(4 * units * W);
  const biasSums = kernel === "layerNormGradient" ? host.allocate(4 * units * W) : 0;
  host.kernel(kernel, units, rowsPerUnit * W * 24, [
    host.address(x),
    host.address(gain),
    host.address(dy),
    host.address(out),
    gainSums,
    biasSums,
    P,
    W,
    rowsPerUnit,
    floatBits(epsilon),
  ]);
  const total = (sums: number): Tensor => {
    const sum = host.make([W], "f32");
    submitPool(host, sums, blocks, host.address(sum), { N: 1, P: units, W }, "sum");
    host.freeLater(sums);
    return sum;
  };
  const gains = total(gainSums);
  return biasSums === 0 ? { x: out, gain: gains } : { x: out, gain: gains, bias: total(biasSums) };
}

/** Queues the gradient of softmax, or of its logarithm, from its result y [P, W]. */
export function submitSoftmaxGradient(
  host: KernelHost,
  y: Tensor,
  dy: Tensor,
  { P, W }: { readonly P: number; readonly W: number },
  log: boolean,
): Tensor {
  const out = host.make([P, W], "f32");
  host.kernel("softmaxGradient", P, W * (log ? 32 : 12), [
    host.address(y),
    host.address(dy),
    host.address(out),
    W,
    log ? 1 : 0,
  ]);
  return out;
}
