// Operations on rows that inference and training both queue, and how work without a shape of its own is cut.

import type { Pooling } from "../backend.ts";
import type { checkRotate } from "../check-operation.ts";
import type { Tensor } from "../tensor.ts";
import type { KernelHost } from "./kernel-host.ts";
import { floatBits, poolingCodes } from "./kernels.ts";

/** What it costs to move an element from memory to memory, in multiply-adds. */
export const moveCost = 8;
/** Columns of a strip: two cache lines. */
const stripColumns = 32;
/** Elements of a unit, about. */
const unitElements = 2 ** 22;
const stretchWidth = 1024;

/** `size` elements as rows of 1,024, and what is left as one row more; `first` is the index of their first element. */
export function forStretches(size: number, submit: (rows: number, width: number, first: number) => void): void {
  const rows = Math.floor(size / stretchWidth);
  const first = rows * stretchWidth;
  if (rows > 0) submit(rows, stretchWidth, 0);
  if (first < size) submit(1, size - first, first);
}

/**
 * Units of all columns of a set, or where that is too much, or with threads and few sets too little to share, of strips
 * of them; bits do not depend on it.
 */
export function cutSets(
  N: number,
  P: number,
  W: number,
  how: Pooling,
  threads: number,
): { readonly columnsPerUnit: number; readonly units: number; readonly unitCost: number } {
  const shared = threads > 1 && N < 8 * threads;
  const strips = shared ? Infinity : Math.max(1, Math.ceil((P * W) / Math.max(1, N) / unitElements));
  const columnsPerUnit = Math.max(1, Math.min(W, Math.ceil(W / strips / stripColumns || 1) * stripColumns));
  const units = N * Math.ceil(W / columnsPerUnit);
  return { columnsPerUnit, units, unitCost: ((how === "max" ? 16 : 4) * P * W) / Math.max(1, units) };
}

/** Queues `pool` of x [P, W] at `x` with the offsets at `offsets`, to `out` [N, W]. */
export function submitPool(
  host: KernelHost,
  x: number,
  offsets: number,
  out: number,
  { N, P, W }: { readonly N: number; readonly P: number; readonly W: number },
  how: Pooling,
): void {
  const { columnsPerUnit, units, unitCost } = cutSets(N, P, W, how, host.threads);
  host.kernel("pool", units, unitCost, [x, offsets, out, W, poolingCodes[how], columnsPerUnit]);
}

/** Queues `rotate`; a `direction` of -1 turns back. */
export function submitRotate(
  host: KernelHost,
  x: Tensor,
  positions: Tensor<"i32">,
  cos: Tensor,
  sin: Tensor,
  { P, H, D, width, interleaved, rows }: ReturnType<typeof checkRotate>,
  direction: 1 | -1,
): Tensor {
  const out = host.make([P, H * D], "f32");
  host.kernel("rotate", P, H * D * 4, [
    host.address(x),
    host.address(positions),
    host.address(cos),
    host.address(sin),
    host.address(out),
    H,
    D,
    width / 2,
    interleaved ? 1 : 0,
    rows,
    floatBits(direction),
  ]);
  return out;
}
