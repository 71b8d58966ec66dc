/** The share of labels that are right, and what it comes from. */
export interface Accuracy {
  /** correct / count; 0 of nothing. */
  readonly value: number;
  readonly correct: number;
  readonly count: number;
}

/**
 * The share of `predicted` labels that equal the `gold` ones, place by place; labels of the positions of several sets stand
 * end to end. Throws `RangeError` if there are not as many of one as of the other.
 *
 * @example
 * accuracyOf(["NOUN", "VERB"], ["NOUN", "AUX"]).value; // 0.5
 */
export function accuracyOf(gold: ArrayLike<string | number>, predicted: ArrayLike<string | number>): Accuracy {
  if (gold.length !== predicted.length) {
    throw new RangeError(
      `Cannot compare labels: there must be as many predicted as gold ones, ${gold.length}; there are ${predicted.length}`,
    );
  }
  let correct = 0;
  for (let i = 0; i < gold.length; i += 1) if (gold[i] === predicted[i]) correct += 1;
  return { value: gold.length === 0 ? 0 : correct / gold.length, correct, count: gold.length };
}
