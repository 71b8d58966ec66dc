// The two products of a linear layer's gradient.

import type { DType, Tensor } from "../../tensor.ts";
import type { GpuHost } from "../workspace.ts";
import { transposeKernel, transposeTile } from "./kernels/transpose.wgsl.ts";
import { weightGradientKernel, weightTile } from "./kernels/weight-gradient.wgsl.ts";
import { submitSumRows } from "./sum-rows.ts";

/** Units that keep a device busy. */
const wantedUnits = 256;
/** Rows of a block, at least: with fewer the sums of blocks are most of the work. */
const fewestRows = 64;
/** Floats of the sums of blocks, at most. */
const mostSums = 2 ** 22;

/** The weight [I, O] as [O, I]: dy · that is the gradient of x, by the product of inference. */
export function submitTransposed(host: GpuHost, weight: Tensor, I: number, O: number): Tensor {
  const from = host.buffer(weight as Tensor<DType>);
  const out = host.make([O, I], "f32");
  const across = Math.ceil(O / transposeTile);
  const units = Math.ceil(I / transposeTile) * across;
  host.run(transposeKernel, [from, host.buffer(out)], [I, O, across], units, 4 * transposeTile ** 2);
  return out;
}

/** xᵀ · dy [I, O]. A weight is small and a batch long: blocks of the batch's rows are summed side by side, then in their order. */
export function submitWeightGradient(
  host: GpuHost,
  x: Tensor,
  dy: Tensor,
  { P, I, O }: { readonly P: number; readonly I: number; readonly O: number },
): Tensor {
  const operands = [host.buffer(x as Tensor<DType>), host.buffer(dy as Tensor<DType>)];
  const across = Math.ceil(O / weightTile);
  const tiles = Math.ceil(I / weightTile) * across;
  const most = Math.max(1, Math.min(Math.ceil(P / fewestRows), Math.floor(mostSums / Math.max(1, I * O))));
  const wanted = Math.min(most, Math.ceil(wantedUnits / Math.max(1, tiles)));
  const rows = Math.max(16, Math.ceil(Math.ceil(P / wanted) / 16) * 16);
  const blocks = Math.max(1, Math.ceil(P / rows));
  const sums = host.make(blocks === 1 ? [I, O] : [blocks, I * O], "f32");
  const parameters = [P, I, O, across, tiles, rows];
  host.run(weightGradientKernel, [...operands, host.buffer(sums)], parameters, blocks * tiles, weightTile ** 2 * rows);
  return blocks === 1 ? sums : submitSumRows(host, sums, blocks, I * O, [I, O]);
}
