// Rotary positions as work.

import type { DType, Tensor } from "../tensor.ts";
import { runEach } from "./elementwise.ts";
import type { GpuHost } from "./gpu-host.ts";
import { rotateKernel } from "./kernels/moves.wgsl.ts";

/** What turns: `width` leading columns of each of H heads of D, by tables of `rows`. */
export interface Turning {
  readonly P: number;
  readonly H: number;
  readonly D: number;
  readonly width: number;
  readonly interleaved: boolean;
  readonly rows: number;
}

/** x [P, H · D] turned by the rows of `cos` and `sin` at `positions`. */
export function submitRotate(
  host: GpuHost,
  x: Tensor,
  positions: Tensor<"i32">,
  cos: Tensor,
  sin: Tensor,
  { P, H, D, width, interleaved, rows }: Turning,
): Tensor {
  const buffers = [x, positions, cos, sin].map((each) => host.buffer(each as Tensor<DType>));
  const out = host.make(x.shape, "f32");
  runEach(host, rotateKernel(interleaved), [...buffers, host.buffer(out)], P * H * D, [H * D, D, width, rows]);
  return out;
}
