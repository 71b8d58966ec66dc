// Pooling backward: to all rows of a set, to its first, or to the first row that has the maximum.

import type { Pooling } from "../../../backend.ts";
import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";

/** dy [N, W] to dx [P, W], a thread for each element; `sets` [P] says the set of each row. `size` is P · W. */
export function poolGradientKernel(how: Exclude<Pooling, "max">): Kernel {
  const shares: Readonly<Record<typeof how, string>> = {
    mean: "value /= f32(offsets[n + 1u] - offsets[n]);",
    first: "if (i32(row) != offsets[n]) { value = 0.0; }",
    sum: "",
  };
  return {
    key: `poolGradient ${how}`,
    threads: elementsPerUnit,
    bindings: [
      { name: "dy", element: "f32" },
      ...(how === "sum" ? [] : [{ name: "offsets", element: "i32" } as const]),
      { name: "sets", element: "i32" },
      { name: "dx", element: "f32", writes: true },
    ],
    parameters: [
      ["size", "u32"],
      ["width", "u32"],
    ],
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let row = i / p.width;
    let n = u32(sets[row]);
    var value = dy[n * p.width + i % p.width];
    ${shares[how]}
    dx[i] = value;
  }`,
  };
}

/** x [P, W] and dy [N, W] to dx [P, W]: a thread for each column of a set. A NaN is larger than any number. `size` is N · W. */
export const poolMaximumGradientKernel: Kernel = {
  key: "poolGradient max",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "f32" },
    { name: "dy", element: "f32" },
    { name: "offsets", element: "i32" },
    { name: "dx", element: "f32", writes: true },
  ],
  parameters: [
    ["size", "u32"],
    ["width", "u32"],
  ],
  declarations: `
fn isNotNumber(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }`,
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let n = i / p.width;
    let column = i % p.width;
    let first = u32(offsets[n]);
    let end = u32(offsets[n + 1u]);
    var largest = first;
    var value = 0.0;
    for (var row = first; row < end; row += 1u) {
      let other = x[row * p.width + column];
      if (row == first || isNotNumber(other) || other > value) {
        largest = row;
        value = other;
        if (isNotNumber(other)) { break; }
      }
    }
    for (var row = first; row < end; row += 1u) {
      if (row == largest) { dx[row * p.width + column] = dy[i]; } else { dx[row * p.width + column] = 0.0; }
    }
  }`,
};
