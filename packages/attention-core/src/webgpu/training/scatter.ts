// Rows added to the rows that they were copied from: the gradient of `embed` and of `unfold`.

import { dispose } from "../../disposal.ts";
import type { DType, Tensor } from "../../tensor.ts";
import type { GpuHost } from "../workspace.ts";
import { submitEach } from "./elementwise-gradient.ts";
import {
  sortBlock,
  sortBlocksKernel,
  sortMergeKernel,
  sortStepKernel,
  sumPlacesKernel,
} from "./kernels/scatter.wgsl.ts";

/** The result [rows, width]: row i of dy [count, width] added to row `ids[i]`, in the order of i; ids outside add to nothing. */
export function submitScatter(
  host: GpuHost,
  ids: Tensor<"i32">,
  dy: Tensor,
  rows: number,
  width: number,
  count: number,
): Tensor {
  const from = host.buffer(ids as Tensor<DType>);
  host.buffer(dy as Tensor<DType>);
  const out = host.make([rows, width], "f32");
  const length = Math.max(sortBlock, 2 ** Math.ceil(Math.log2(Math.max(1, count))));
  const places = host.make([length, 2], "i32");
  submitSort(host, from, host.buffer(places as Tensor<DType>), count, rows, length);
  const cost = 4 * Math.ceil(Math.log2(length) + count / Math.max(1, rows));
  submitEach(host, sumPlacesKernel, [dy, places, out] as Tensor<DType>[], rows * width, [width, length], cost);
  places[dispose]();
  return out;
}

/** Fills `places` with pairs of an id and its place, sorted. */
function submitSort(
  host: GpuHost,
  ids: GPUBuffer,
  places: GPUBuffer,
  count: number,
  rows: number,
  length: number,
): void {
  const blocks = length / sortBlock;
  host.run(sortBlocksKernel, [ids, places], [count, rows], blocks, 64 * sortBlock);
  for (let size = 2 * sortBlock; size <= length; size *= 2) {
    for (let step = size / 2; step >= sortBlock; step /= 2) {
      host.run(sortStepKernel, [places], [size, step], blocks, 4 * sortBlock);
    }
    host.run(sortMergeKernel, [places], [size], blocks, 32 * sortBlock);
  }
}
