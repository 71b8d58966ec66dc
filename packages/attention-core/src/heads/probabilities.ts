// From scores on the host to probabilities, for those who turn them into answers.

/** The softmax of row `row` of scores [.., labels]: [L]. All equal if a score is not finite. */
export function probabilitiesOf(values: Float32Array, row: number, labels: number): Float64Array {
  const first = row * labels;
  let largest = -Infinity;
  for (let l = 0; l < labels; l += 1) largest = Math.max(largest, values[first + l]!);
  const probabilities = new Float64Array(labels);
  let sum = 0;
  for (let l = 0; l < labels; l += 1) sum += probabilities[l] = Math.exp(values[first + l]! - largest);
  return Number.isFinite(sum) && sum > 0 ? probabilities.map((each) => each / sum) : probabilities.fill(1 / labels);
}

/** The place, counted from `first`, of the largest of `count` values from there on; of equal ones the first. */
export function largestOf(values: ArrayLike<number>, first = 0, count: number = values.length - first): number {
  let best = 0;
  for (let i = 1; i < count; i += 1) if (values[first + i]! > values[first + best]!) best = i;
  return best;
}
