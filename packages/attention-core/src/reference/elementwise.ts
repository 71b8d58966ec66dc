import type { Activation } from "../backend.ts";
import { type Floats, zeros } from "./floats.ts";
import { erfc, exp, sigmoid, tanh } from "./functions.ts";

/** a + b; element i of a goes with element i mod `period` of b. */
export function add(
  a: Floats,
  b: Floats,
  { size, period }: { readonly size: number; readonly period: number },
): Float64Array {
  const sum = zeros(size);
  for (let i = 0; i < size; i += 1) sum[i] = a[i]! + b[i % period]!;
  return sum;
}

/** a · b; as `add`. */
export function multiply(
  a: Floats,
  b: Floats,
  { size, period }: { readonly size: number; readonly period: number },
): Float64Array {
  const product = zeros(size);
  for (let i = 0; i < size; i += 1) product[i] = a[i]! * b[i % period]!;
  return product;
}

/** act(x) of each element. */
export function activate(x: Floats, activation: Activation): Float64Array {
  const act = activationOf(activation);
  const result = zeros(x.length);
  for (let i = 0; i < x.length; i += 1) result[i] = act(x[i]!);
  return result;
}

/** The function that an activation is. */
export function activationOf(activation: Activation): (x: number) => number {
  switch (activation) {
    case "gelu":
      return gelu;
    case "geluTanh":
      return geluTanh;
    case "relu":
      return (x) => Math.max(x, 0);
    case "silu":
      return silu;
    case "tanh":
      return tanh;
    case "sigmoid":
      return sigmoid;
    case "elu":
      return elu;
    default:
      return activation satisfies never;
  }
}

/** x Φ(x), Φ being the standard normal distribution, which is erfc(-x / √2) / 2 (Hendrycks and Gimpel 2016). */
function gelu(x: number): number {
  return 0.5 * x * erfc(-x / Math.SQRT2);
}

/** x / 2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximation of the same paper. */
function geluTanh(x: number): number {
  return 0.5 * x * (1 + tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** x · sigmoid(x), also called swish. */
function silu(x: number): number {
  return x * sigmoid(x);
}

/** x, or eˣ - 1 below 0 (Clevert et al. 2016), as tanh(x / 2) (eˣ + 1), from which nothing cancels near 0. */
function elu(x: number): number {
  return x < 0 ? tanh(x / 2) * (exp(x) + 1) : x;
}
