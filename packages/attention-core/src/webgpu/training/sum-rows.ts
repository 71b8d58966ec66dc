import { dispose } from "../../disposal.ts";
import type { Shape, Tensor } from "../../tensor.ts";
import type { GpuHost } from "../workspace.ts";
import { submitEach } from "./elementwise-gradient.ts";
import { rowsPerBlock, sumRowsKernel } from "./kernels/sum-rows.wgsl.ts";

/**
 * The sums over the rows of x [rows, width], under `shape`, of `width` elements; x goes. Blocks of rows are added up, then the
 * sums of blocks in the same way: in a fixed order, whatever the device.
 */
export function submitSumRows(host: GpuHost, x: Tensor, rows: number, width: number, shape: Shape): Tensor {
  const blocks = Math.max(1, Math.ceil(rows / rowsPerBlock));
  const sums = host.make(blocks === 1 ? shape : [blocks, width], "f32");
  submitEach(host, sumRowsKernel, [x, sums], blocks * width, [rows, width], 2 * rowsPerBlock);
  x[dispose]();
  return blocks === 1 ? sums : submitSumRows(host, sums, blocks, width, shape);
}
