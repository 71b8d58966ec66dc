// dy · act′(x), a thread for each element.

import type { Activation } from "../../../backend.ts";
import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";
import { activationText } from "../../kernels/functions.wgsl.ts";

/** σ(x) (1 - σ(x)) from the exponential that cannot overflow; tanh′(x) is four times that at 2x. */
const slopeFunctions = `
fn sigmoidSlope(x: f32) -> f32 {
  let e = exp(-min(abs(x), 88.0));
  return e / ((1.0 + e) * (1.0 + e));
}
fn tanhSlope(x: f32) -> f32 { return 4.0 * sigmoidSlope(2.0 * x); }`;

/** Derivatives; what is said of x far out keeps squares and cubes from overflowing. That of the ReLU is 0 at 0. */
const slopes: Readonly<Record<Activation, string>> = {
  gelu: "return normalOf(x) + x * 0.39894228 * exp(-min(0.5 * x * x, 88.0));",
  geluTanh: `
  let near = clamp(x, -50.0, 50.0);
  let inner = 0.79788456 * (near + 0.044715 * near * near * near);
  let innerSlope = 0.79788456 * (1.0 + 0.134145 * near * near);
  return 0.5 * (1.0 + tanhOf(inner)) + 0.5 * near * tanhSlope(inner) * innerSlope;`,
  relu: "return select(0.0, 1.0, x > 0.0);",
  elu: "return select(1.0, exp(min(x, 0.0)), x < 0.0);",
  silu: "return sigmoidOf(x) + clamp(x, -88.0, 88.0) * sigmoidSlope(x);",
  tanh: "return tanhSlope(x);",
  sigmoid: "return sigmoidSlope(x);",
};

/** dx of x and dy, all of one size. */
export function activateGradientKernel(activation: Activation): Kernel {
  return {
    key: `activateGradient ${activation}`,
    threads: elementsPerUnit,
    bindings: [
      { name: "x", element: "f32" },
      { name: "dy", element: "f32" },
      { name: "dx", element: "f32", writes: true },
    ],
    parameters: [["size", "u32"]],
    declarations: `${activationText(activation)}
${slopeFunctions}
fn slopeAt(x: f32) -> f32 {${slopes[activation]}}`,
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) { dx[i] = dy[i] * slopeAt(x[i]); }`,
  };
}
