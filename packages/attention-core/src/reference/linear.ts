import type { Activation } from "../backend.ts";
import { activationOf } from "./elementwise.ts";
import { type Floats, zeros } from "./floats.ts";

/** act(x · weight + bias): x [P, I], weight [I, O], bias [O]; returns [P, O]. */
export function linear(
  x: Floats,
  weight: Floats,
  bias: Floats | null,
  activation: Activation | null,
  { P, I, O }: { readonly P: number; readonly I: number; readonly O: number },
): Float64Array {
  const act = activation === null ? (y: number): number => y : activationOf(activation);
  const y = zeros(P * O);
  for (let p = 0; p < P; p += 1) {
    for (let o = 0; o < O; o += 1) {
      let sum = 0;
      for (let i = 0; i < I; i += 1) sum += x[p * I + i]! * weight[i * O + o]!;
      y[p * O + o] = act(sum + (bias?.[o] ?? 0));
    }
  }
  return y;
}
