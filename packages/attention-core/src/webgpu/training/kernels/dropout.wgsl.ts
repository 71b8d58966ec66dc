// Dropout: a thread for each element, which a hash of seed and place keeps or drops; see `dropoutKeeps`.

import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";

/** The 32-bit mixer of `dropoutKeeps`. */
export const mixText = `
fn mixed(value: u32) -> u32 {
  var x = value;
  x ^= x >> 16u;
  x *= 0x7feb352du;
  x ^= x >> 15u;
  x *= 0x846ca68bu;
  return x ^ (x >> 16u);
}`;

/** y = x / (1 - rate) or 0: `keepScale` is 1 / (1 - rate), `keepFrom` the least hash that stays, `seed` is mixed already. */
export const dropoutKernel: Kernel = {
  key: "dropout",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "f32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [
    ["size", "u32"],
    ["keepScale", "f32"],
    ["keepFrom", "u32"],
    ["seed", "u32"],
  ],
  declarations: mixText,
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    if (mixed(i ^ p.seed) >= p.keepFrom) { y[i] = x[i] * p.keepScale; } else { y[i] = 0.0; }
  }`,
};
