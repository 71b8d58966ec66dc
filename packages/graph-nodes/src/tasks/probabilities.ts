// Scores to probabilities.

/** The softmax of row `row` of scores [.., labels]: [L]. All equal if a score is not finite. */
export function probabilitiesOf(values: Float32Array, row: number, labels: number): Float64Array {
  const scores = values.subarray(row * labels, (row + 1) * labels);
  const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const grown = Float64Array.from(scores, (score) => Math.exp(score - largest));
  const sum = grown.reduce((all, each) => all + each, 0);
  return Number.isFinite(sum) && sum > 0 ? grown.map((each) => each / sum) : grown.fill(1 / labels);
}

/** The place of the largest value; of equal ones the first. */
export function largestOf(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i]! > values[best]!) best = i;
  return best;
}
