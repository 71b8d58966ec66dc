import { attentionDropoutIndex, type Dropout, dropoutKeeps } from "../../training.ts";
import type { WeightFactor } from "../attention.ts";
import { type Floats, zeros } from "../floats.ts";

/** x with elements dropped, the rest divided by 1 - rate. */
export function dropout(x: Floats, settings: Dropout): Float64Array {
  const y = zeros(x.length);
  for (let i = 0; i < x.length; i += 1) {
    if (dropoutKeeps(settings, i)) y[i] = x[i]! / (1 - settings.rate);
  }
  return y;
}

/** What dropout multiplies the weights of attention by; null where it drops nothing. */
export function dropoutFactor(settings: Dropout | null): WeightFactor | null {
  if (settings === null) return null;
  return ({ queryRow, key }, head) =>
    dropoutKeeps(settings, attentionDropoutIndex(queryRow, head, key)) ? 1 / (1 - settings.rate) : 0;
}
