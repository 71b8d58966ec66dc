// One row per set: a thread for each column of a set.

import type { Pooling } from "../../backend.ts";
import type { Kernel } from "../kernel.ts";
import { elementsPerUnit } from "./elementwise.wgsl.ts";

/** x [P, W] by offsets [N + 1] to [N, W]; `size` is N · W. */
export function poolKernel(how: Pooling): Kernel {
  const step = how === "max" ? "result = largerOf(result, value);" : "result += value;";
  return {
    key: `pool ${how}`,
    threads: elementsPerUnit,
    bindings: [
      { name: "x", element: "f32" },
      { name: "offsets", element: "i32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["size", "u32"],
      ["width", "u32"],
    ],
    ...(how === "max" && {
      declarations: `
fn largerOf(a: f32, b: f32) -> f32 {
  if ((bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u) { return a; }
  if ((bitcast<u32>(b) & 0x7fffffffu) > 0x7f800000u) { return b; }
  return max(a, b);
}`,
    }),
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let n = i / p.width;
    let first = u32(offsets[n]);
    var end = u32(offsets[n + 1u]);
    ${how === "first" ? "end = min(end, first + 1u);" : ""}
    var result = 0.0;
    ${how === "max" ? "if (first < end) { result = x[first * p.width + i % p.width]; }" : ""}
    for (var row = first; row < end; row += 1u) {
      let value = x[row * p.width + i % p.width];
      ${step}
    }
    ${how === "mean" ? "if (first < end) { result /= f32(end - first); }" : ""}
    y[i] = result;
  }`,
  };
}
