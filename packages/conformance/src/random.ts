// Numbers from a seed, the same on every engine: only integer arithmetic and exact float64 operations, no
// transcendental function, so that a case fails everywhere with the same values or nowhere.

/** A stream of numbers. Two streams made from the same seed give the same numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** An integer in low .. high, both included. */
  integer(low: number, high: number): number;
  /** One of `choices`. */
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** Close to a standard normal: the sum of twelve uniforms. */
  normal(): number;
  /** `count` normals times `deviation`, as float32. */
  normals(count: number, deviation?: number): Float32Array;
}

/** A stream seeded by a text, such as the name of a case (FNV-1a into mulberry32). */
export function seeded(seed: string): Random {
  let state = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193);
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (): number => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  };
  return {
    uniform,
    normal,
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    pick: (choices) => choices[Math.floor(uniform() * choices.length)] ?? choices[0],
    normals: (count, deviation = 1) => Float32Array.from({ length: count }, () => normal() * deviation),
  };
}
