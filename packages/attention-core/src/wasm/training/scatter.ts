// Rows added to the rows that they were copied from: the gradient of `embed` and of `unfold`.

import type { Tensor } from "../../tensor.ts";
import type { KernelHost } from "../kernel-host.ts";
import { moveCost } from "../rows.ts";

/** Columns of a strip, at least: a cache line. */
const leastColumns = 16;
const fillBytes = 2 ** 18;
/** Elements that one job adds: bounds the time of a unit. */
const elementsPerJob = 2 ** 22;

/**
 * Queues a result [rows, width] of zeros with row i of dy [count, width] added to row `ids[i]`; ids outside add to
 * nothing. With threads each takes columns of its own, so that every sum runs in the order of i.
 */
export function submitScatter(
  host: KernelHost,
  ids: Tensor<"i32">,
  dy: Tensor,
  rows: number,
  width: number,
  count: number,
): Tensor {
  const out = host.make([rows, width], "f32");
  const outAt = host.address(out);
  submitZeros(host, outAt, 4 * rows * width);
  const [idsAt, dyAt] = [host.address(ids), host.address(dy)];
  const columnsPerUnit = Math.max(1, Math.ceil(width / host.threads / leastColumns) * leastColumns);
  const units = Math.ceil(width / columnsPerUnit);
  const step = Math.max(1, Math.floor(elementsPerJob / Math.min(width, columnsPerUnit)));
  for (let first = 0; first < count && width > 0; first += step) {
    const part = Math.min(step, count - first);
    host.kernel("scatterRows", units, 2 * part * Math.min(width, columnsPerUnit) * moveCost, [
      dyAt + 4 * first * width,
      idsAt + 4 * first,
      outAt,
      rows,
      width,
      part,
      columnsPerUnit,
    ]);
  }
  return out;
}

function submitZeros(host: KernelHost, address: number, bytes: number): void {
  const units = Math.ceil(bytes / fillBytes);
  if (units === 0) return;
  host.kernel("fillZeros", units, (fillBytes / 4) * moveCost, [
    address,
    fillBytes,
    bytes - (units - 1) * fillBytes,
    units,
  ]);
}
