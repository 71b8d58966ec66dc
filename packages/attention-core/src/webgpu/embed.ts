// Rows by number as work: embed and unfold.

import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { runEach } from "./elementwise.ts";
import type { GpuHost } from "./gpu-host.ts";
import { gatherKernel } from "./kernels/moves.wgsl.ts";

/** Rows of x [rows, width] at `ids` side by side, in `shape`; zeros for an id outside. */
export function submitGather(
  host: GpuHost,
  x: Tensor,
  ids: Tensor<"i32">,
  rows: number,
  width: number,
  shape: Shape,
): Tensor {
  const halves = host.halves(x);
  const buffers = [halves ?? host.buffer(x), host.buffer(ids)];
  const out = host.make(shape, "f32");
  runEach(host, gatherKernel(halves !== null), [...buffers, host.buffer(out)], sizeOf(shape), [rows, width]);
  return out;
}
