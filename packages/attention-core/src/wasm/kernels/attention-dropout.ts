// Which weights of attention dropout keeps: `dropoutKeeps` of `../../training.ts` on four lanes. Only binaries for
// training have it.

import { Attention } from "./attention-parameters";

/** The 32-bit mixer of Wellons (2018) on four words. */
// @ts-ignore: decorator
@inline
export function mix(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** What the key position is added to, for query rows and heads in the lanes. */
// @ts-ignore: decorator
@inline
export function dropoutBase(rows: v128, heads: v128): v128 {
  return mix(v128.xor(rows, mix(heads)));
}

/** What weights are multiplied by: 0 or 1 / (1 - rate). `base` is `dropoutBase`, `keys` key positions. */
// @ts-ignore: decorator
@inline
export function dropoutFactor(a: Attention, base: v128, keys: v128): v128 {
  const word = mix(v128.xor(i32x4.add(base, keys), i32x4.splat(a.keepSeed)));
  return v128.and(f32x4.splat(a.keepScale), i32x4.ge_u(word, i32x4.splat(a.keepFrom)));
}
