// Numbers from a seed (mulberry32), so that every run and every contestant sees the same inputs.

/** Uniform in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `length` numbers with mean 0 and variance 1: a sum of four uniform ones, scaled. */
export function randomNormals(length: number, seed: number): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => (random() + random() + random() + random() - 2) * Math.sqrt(3));
}
