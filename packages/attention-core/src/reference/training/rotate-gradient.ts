import type { Floats } from "../floats.ts";
import { rotate } from "../rotate.ts";

/** Of x in `rotate`: every pair is turned by the opposite angle. */
export function rotateGradient(
  dy: Floats,
  positions: Int32Array,
  cos: Floats,
  sin: Floats,
  size: Parameters<typeof rotate>[4],
): Float64Array {
  return rotate(
    dy,
    positions,
    cos,
    sin.map((value) => -value),
    size,
  );
}
