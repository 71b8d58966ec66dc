// What attention's gradient reads of a query row and head, side by side: kernels bind at most eight buffers. A workgroup for
// each row and head copies q and dy, and leaves four numbers after them (see `pairText`).

import type { Binding, Kernel } from "../../kernel.ts";
import { rowThreads, totalText } from "./reduce.wgsl.ts";

/** Numbers after the copies. */
export const rowNumbers = 4;

/** `backward`: with dy, and Σ dy · output; `softmax`: with the log-sum-exp, as bits. */
export function packRowsKernel(backward: boolean, softmax: boolean): Kernel {
  const bindings: Binding[] = [
    { name: "q", element: "f32" },
    ...(softmax ? [{ name: "logSumExp", element: "u32" } as const] : []),
    ...(backward
      ? ([
          { name: "output", element: "f32" },
          { name: "dy", element: "f32" },
        ] as const)
      : []),
    { name: "rows", element: "f32", writes: true },
  ];
  return {
    key: `packRows${backward ? " backward" : ""}${softmax ? " softmax" : ""}`,
    threads: rowThreads,
    bindings,
    parameters: [
      ["width", "u32"],
      ["valueWidth", "u32"],
      ["stride", "u32"],
    ],
    declarations: totalText,
    body: `
  let to = unit * p.stride;
  for (var d = thread; d < p.width; d += ${rowThreads}u) { rows[to + d] = q[unit * p.width + d]; }
  var delta = 0.0;
  var spoiled = 0.0;
  ${
    backward
      ? `
  for (var d = thread; d < p.valueWidth; d += ${rowThreads}u) {
    let value = dy[unit * p.valueWidth + d];
    rows[to + p.width + d] = value;
    delta += value * output[unit * p.valueWidth + d];
    if ((bitcast<u32>(value) & 0x7f800000u) == 0x7f800000u) { spoiled = 1.0; }
  }
  delta = total(delta, thread);
  spoiled = total(spoiled, thread);`
      : ""
  }
  if (thread == 0u) {
    let last = to + p.stride - ${rowNumbers}u;
    var first = 0.0;
    var notFinite = 0.0;
    ${
      softmax
        ? `
    let bits = logSumExp[unit];
    if ((bits & 0x7f800000u) != 0x7f800000u) { first = bitcast<f32>(bits); }
    // A row of -Infinity has no permitted key; one that is NaN or Infinity has weights that are NaN.
    else if (bits == 0xff800000u) { first = 3.4e38; }
    else { notFinite = 1.0; }`
        : ""
    }
    rows[last] = first;
    rows[last + 1u] = delta;
    rows[last + 2u] = notFinite;
    rows[last + 3u] = spoiled;
  }`,
  };
}
