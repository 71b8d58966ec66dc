import type { Activation } from "../../backend.ts";
import { type Floats, zeros } from "../floats.ts";
import { erfc, exp, sigmoid, tanh } from "../functions.ts";

/** dy · act′(x) of each element. */
export function activateGradient(x: Floats, activation: Activation, dy: Floats): Float64Array {
  const slopeAt = slopeOf(activation);
  const dx = zeros(x.length);
  for (let i = 0; i < x.length; i += 1) dx[i] = dy[i]! * slopeAt(x[i]!);
  return dx;
}

/** The derivative of an activation. That of the ReLU is 0 at 0. */
function slopeOf(activation: Activation): (x: number) => number {
  switch (activation) {
    case "gelu":
      return geluSlope;
    case "geluTanh":
      return geluTanhSlope;
    case "relu":
      return (x) => (x <= 0 ? 0 : 1);
    case "silu":
      return (x) => sigmoid(x) + x * sigmoidSlope(x);
    case "tanh":
      return tanhSlope;
    case "sigmoid":
      return sigmoidSlope;
    case "elu":
      return (x) => (x < 0 ? exp(x) : 1);
    default:
      return activation satisfies never;
  }
}

/** Φ(x) + x φ(x), Φ and φ being distribution and density of the standard normal. */
function geluSlope(x: number): number {
  return 0.5 * erfc(-x / Math.SQRT2) + (x * exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** (1 + tanh u) / 2 + x / 2 · tanh′(u) u′ with u = √(2/π) (x + 0.044715 x³). */
function geluTanhSlope(x: number): number {
  const inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  const innerSlope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);
  return 0.5 * (1 + tanh(inner)) + 0.5 * x * tanhSlope(inner) * innerSlope;
}

/** 1 - tanh² x as 4 σ(2x) σ(-2x), from which nothing cancels. */
function tanhSlope(x: number): number {
  return 4 * sigmoidSlope(2 * x);
}

/** σ(x) (1 - σ(x)). */
function sigmoidSlope(x: number): number {
  return sigmoid(x) * sigmoid(-x);
}
