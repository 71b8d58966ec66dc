// Elementwise operations: a thread for each element.

import type { Activation } from "../../backend.ts";
import type { Kernel } from "../kernel.ts";
import { activationText } from "./functions.wgsl.ts";

/** Elements of a unit. */
export const elementsPerUnit = 256;

/** y = act(x). */
export function activateKernel(activation: Activation): Kernel {
  return {
    key: `activate ${activation}`,
    threads: elementsPerUnit,
    bindings: [
      { name: "x", element: "f32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [["size", "u32"]],
    declarations: activationText(activation),
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) { y[i] = act(x[i]); }`,
  };
}

/** y = a + b or a · b; element i goes with element i mod period of b. */
export function combineKernel(operation: "add" | "multiply"): Kernel {
  return {
    key: operation,
    threads: elementsPerUnit,
    bindings: [
      { name: "a", element: "f32" },
      { name: "b", element: "f32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["size", "u32"],
      ["period", "u32"],
    ],
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) { y[i] = a[i] ${operation === "add" ? "+" : "*"} b[i % p.period]; }`,
  };
}

/** Every element of y is one number, given by its bits. */
export const fillKernel: Kernel = {
  key: "fill",
  threads: elementsPerUnit,
  bindings: [{ name: "y", element: "u32", writes: true }],
  parameters: [
    ["size", "u32"],
    ["value", "u32"],
  ],
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) { y[i] = p.value; }`,
};
