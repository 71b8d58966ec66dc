import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";

/** y = -x. */
export const negateKernel: Kernel = {
  key: "negate",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "f32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [["size", "u32"]],
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) { y[i] = -x[i]; }`,
};
