import type { Pooling } from "../../backend.ts";
import { dispose } from "../../disposal.ts";
import type { DType, Tensor } from "../../tensor.ts";
import type { GpuHost } from "../workspace.ts";
import { submitEach } from "./elementwise-gradient.ts";
import { poolGradientKernel, poolMaximumGradientKernel } from "./kernels/pool-gradient.wgsl.ts";

/** Of x [P, W], dy being [N, W]. */
export function submitPoolGradient(
  host: GpuHost,
  x: Tensor,
  offsets: Int32Array,
  how: Pooling,
  dy: Tensor,
  { N, P, W }: { readonly N: number; readonly P: number; readonly W: number },
): Tensor {
  for (const each of [x, dy]) host.buffer(each as Tensor<DType>);
  const dx = host.make([P, W], "f32");
  const bounds = host.store(offsets);
  if (how === "max") {
    const cost = 4 * Math.ceil(P / Math.max(1, N));
    submitEach(host, poolMaximumGradientKernel, [x, dy, bounds, dx] as Tensor<DType>[], N * W, [W], cost);
  } else {
    const sets = host.store(setsOf(offsets, P));
    const inputs = how === "sum" ? [dy, sets] : [dy, bounds, sets];
    submitEach(host, poolGradientKernel(how), [...inputs, dx] as Tensor<DType>[], P * W, [W]);
    sets[dispose]();
  }
  bounds[dispose]();
  return dx;
}

/** The set of each row. */
function setsOf(offsets: Int32Array, P: number): Int32Array {
  const sets = new Int32Array(P);
  for (let n = 0; n + 1 < offsets.length; n += 1) sets.fill(n, offsets[n], offsets[n + 1]);
  return sets;
}
