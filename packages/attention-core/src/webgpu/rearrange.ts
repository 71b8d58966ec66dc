// Columns and sets at other places, as work.

import type { Tensor } from "../tensor.ts";
import { runEach } from "./elementwise.ts";
import type { GpuHost } from "./gpu-host.ts";
import { copyColumnsKernel } from "./kernels/moves.wgsl.ts";

/** Columns of all parts side by side: [P, W]. */
export function submitConcatenate(host: GpuHost, parts: readonly Tensor[], P: number, W: number): Tensor {
  const buffers = parts.map((part) => host.buffer(part));
  const out = host.make([P, W], "f32");
  let column = 0;
  parts.forEach(({ shape }, i) => {
    const width = shape[1]!;
    runEach(host, copyColumnsKernel, [buffers[i]!, host.buffer(out)], P * width, [width, 0, W, column, width]);
    column += width;
  });
  return out;
}

/** Columns `first .. end` of x [P, W]. */
export function submitSlice(host: GpuHost, x: Tensor, first: number, end: number): Tensor {
  const [P, W] = x.shape as readonly [number, number];
  const given = host.buffer(x);
  const width = end - first;
  const out = host.make([P, width], "f32");
  runEach(host, copyColumnsKernel, [given, host.buffer(out)], P * width, [W, first, width, 0, width]);
  return out;
}

/** Set n of the result, from row `offsets[n]` on, is set n of each part in turn: [P, W]. */
export function submitAppend(
  host: GpuHost,
  parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[],
  offsets: Int32Array,
  W: number,
): Tensor {
  const buffers = parts.map(({ rows }) => host.buffer(rows));
  const out = host.make([offsets.at(-1)!, W], "f32");
  const bytes = 4 * W;
  for (let n = 0; n + 1 < offsets.length; n += 1) {
    let row = offsets[n]!;
    parts.forEach((part, i) => {
      const [start, end] = [part.offsets[n]!, part.offsets[n + 1]!];
      host.copy(buffers[i]!, bytes * start, host.buffer(out), bytes * row, bytes * (end - start));
      row += end - start;
    });
  }
  return out;
}
