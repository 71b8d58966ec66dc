// Gradients of the norms and of softmax.

import { dispose } from "../../disposal.ts";
import type { DType, Tensor } from "../../tensor.ts";
import { floatBits } from "../kernel.ts";
import { copyColumnsKernel } from "../kernels/moves.wgsl.ts";
import type { GpuHost } from "../workspace.ts";
import { submitEach } from "./elementwise-gradient.ts";
import { type Norm, normGradientKernel, normSumsKernel } from "./kernels/norm-gradient.wgsl.ts";
import { softmaxGradientKernel } from "./kernels/softmax-gradient.wgsl.ts";
import { rowsPerBlock } from "./kernels/sum-rows.wgsl.ts";
import { submitSumRows } from "./sum-rows.ts";

/** What x, gain and bias get. */
export interface NormGradients {
  readonly x: Tensor;
  readonly gain: Tensor;
  readonly bias: Tensor;
}

interface Size {
  readonly P: number;
  readonly W: number;
}

/** Of a norm of x [P, W]; the bias of one that has none gets what it would get. */
export function submitNormGradient(
  host: GpuHost,
  norm: Norm,
  x: Tensor,
  gain: Tensor,
  epsilon: number,
  dy: Tensor,
  { P, W }: Size,
): NormGradients {
  const inputs = [x, gain, dy].map((each) => host.buffer(each as Tensor<DType>));
  const dx = host.make([P, W], "f32");
  const statistics = host.make([P, 2], "f32");
  const places = [...inputs, host.buffer(dx), host.buffer(statistics)];
  host.run(normGradientKernel(norm), places, [W, floatBits(epsilon)], P, 16 * W);
  const blocks = Math.max(1, Math.ceil(P / rowsPerBlock));
  const sums = host.make([blocks, 2 * W], "f32");
  submitEach(host, normSumsKernel, [x, dy, statistics, sums], blocks * W, [P, W], 8 * rowsPerBlock);
  statistics[dispose]();
  const both = submitSumRows(host, sums, blocks, 2 * W, [1, 2 * W]);
  const [gains, biases] = [0, W].map((first) => {
    const part = host.make([W], "f32");
    submitEach(host, copyColumnsKernel, [both, part], W, [2 * W, first, W, 0, W]);
    return part;
  });
  both[dispose]();
  return { x: dx, gain: gains!, bias: biases! };
}

/** Of softmax, or of its logarithm, from its result y [P, W]. */
export function submitSoftmaxGradient(
  host: GpuHost,
  y: Tensor,
  dy: Tensor,
  { P, W }: Size,
  logarithm: boolean,
): Tensor {
  const inputs = [y, dy].map((each) => host.buffer(each as Tensor<DType>));
  const dx = host.make([P, W], "f32");
  host.run(softmaxGradientKernel(logarithm), [...inputs, host.buffer(dx)], [W], P, 8 * W);
  return dx;
}
