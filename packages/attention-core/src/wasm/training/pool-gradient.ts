// The gradient of `pool`.

import type { Pooling } from "../../backend.ts";
import type { Tensor } from "../../tensor.ts";
import type { KernelHost } from "../kernel-host.ts";
import { poolingCodes } from "../kernels.ts";
import { cutSets } from "../rows.ts";

/** Queues what x [P, W] gets from dy [N, W]. */
export function submitPoolGradient(
  host: KernelHost,
  x: Tensor,
  offsets: Int32Array,
  how: Pooling,
  dy: Tensor,
  { N, P, W }: { readonly N: number; readonly P: number; readonly W: number },
): Tensor {
  const out = host.make([P, W], "f32");
  const { columnsPerUnit, units, unitCost } = cutSets(N, P, W, how, host.threads);
  host.kernel("poolGradient", units, unitCost, [
    host.address(x),
    host.store(offsets),
    host.address(dy),
    host.address(out),
    W,
    poolingCodes[how],
    columnsPerUnit,
  ]);
  return out;
}
