/** How far numbers are off, and of how many. */
export interface RootMeanSquaredError {
  /** √(mean of squares), in the unit of the numbers; 0 of nothing. */
  readonly value: number;
  readonly count: number;
}

/**
 * √(Σ (predicted - gold)² / count). Throws `RangeError` if there are not as many of one as of the other.
 *
 * @example
 * rootMeanSquaredErrorOf([1, 2], [1, 4]).value; // √2
 */
export function rootMeanSquaredErrorOf(gold: ArrayLike<number>, predicted: ArrayLike<number>): RootMeanSquaredError {
  if (gold.length !== predicted.length) {
    throw new RangeError(
      `Cannot compare numbers: there must be as many predicted as gold ones, ${gold.length}; there are ${predicted.length}`,
    );
  }
  let squares = 0;
  for (let i = 0; i < gold.length; i += 1) squares += (predicted[i]! - gold[i]!) ** 2;
  return { value: gold.length === 0 ? 0 : Math.sqrt(squares / gold.length), count: gold.length };
}
