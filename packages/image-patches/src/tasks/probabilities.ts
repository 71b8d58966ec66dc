// Scores to probabilities.

/** A label, and how probable it is. */
export interface LabelScore {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

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

/** The place of the largest value; of equal ones the first. */
export function largestOf(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i]! > values[best]!) best = i;
  return best;
}
