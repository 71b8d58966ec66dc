// How far a result is from what was expected. One number per comparison: the largest difference relative to the
// scale of the case, so that tolerance means the same for weights near 0.01 and for sums near 1000.

/** The largest error of a float32 result, relative to the scale of its case. */
export const tolerance = 2e-5;

/** A scale is never less than this, so that an expected tensor of zeros still allows 2e-8. */
export const leastScale = 1e-3;

/** How two arrays differ. */
export interface Comparison {
  /** Largest |actual - expected| over the scale; Infinity where one is NaN or infinite and the other is not the same. */
  readonly error: number;
  /** Largest finite |expected|, at least the least scale. */
  readonly scale: number;
  /** The index of the largest error, -1 if there is none. */
  readonly at: number;
}

/**
 * Compares `actual` with `expected`, element by element; NaN equals NaN, and an infinity equals itself alone. Arrays
 * of different lengths differ by Infinity.
 */
export function compare(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  least: number = leastScale,
): Comparison {
  let scale = least;
  for (let i = 0; i < expected.length; i++) {
    const size = Math.abs(expected[i]!);
    if (size > scale && size < Infinity) scale = size;
  }
  if (actual.length !== expected.length) return { error: Infinity, scale, at: -1 };
  let error = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const difference = distance(actual[i]!, expected[i]!) / scale;
    if (difference > error) {
      error = difference;
      at = i;
    }
  }
  return { error, scale, at };
}

/** |a - b|; 0 for two NaNs or two equal infinities, Infinity where only one of them is finite. */
export function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Infinity : difference;
}
