/** The share of labels that are right, and what it comes from. */
export interface Accuracy {
  /** correct / count; 0 of nothing. */
  readonly value: number;
  readonly correct: number;
  readonly count: number;
}

/**
 * The share of `predicted` labels that equal the `gold` ones, place by place: of clips, or of the positions of clips end to
 * end (frame accuracy). Throws `RangeError` if there are not as many of one as of the other.
 *
 * @example
 * accuracyOf(["7", "1"], ["7", "9"]).value; // 0.5
 */
export function accuracyOf(gold: readonly string[], predicted: readonly string[]): Accuracy {
  if (gold.length !== predicted.length) {
    throw new RangeError(
      `Cannot compare labels: there must be as many predicted as gold ones, ${gold.length}; there are ${predicted.length}`,
    );
  }
  const correct = gold.reduce((sum, label, i) => sum + (label === predicted[i] ? 1 : 0), 0);
  return { value: gold.length === 0 ? 0 : correct / gold.length, correct, count: gold.length };
}
