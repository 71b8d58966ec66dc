// One row per set as work.

import type { Pooling } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { Tensor } from "../tensor.ts";
import type { GpuHost } from "./gpu-host.ts";
import { elementsPerUnit } from "./kernels/elementwise.wgsl.ts";
import { poolKernel } from "./kernels/pool.wgsl.ts";

/** Rows of x [P, W] by `offsets` [N + 1]; returns [N, W]. */
export function submitPool(host: GpuHost, x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
  const W = x.shape[1]!;
  const N = offsets.length - 1;
  const given = host.buffer(x);
  const out = host.make([N, W], "f32");
  const sets = host.store(offsets);
  let longest = 1;
  for (let n = 0; n < N; n += 1) longest = Math.max(longest, offsets[n + 1]! - offsets[n]!);
  const cost = elementsPerUnit * (how === "first" ? 1 : longest);
  const units = Math.ceil((N * W) / elementsPerUnit);
  host.run(poolKernel(how), [given, host.buffer(sets), host.buffer(out)], [N * W, W], units, cost);
  sets[dispose]();
  return out;
}
