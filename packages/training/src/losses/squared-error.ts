import { checkRowWeights, columnsOf, type Loss } from "./loss.ts";

/** What squared error may be told. */
export interface SquaredErrorOptions {
  /** [P], how much each row of predictions [P, L] counts; default 1, and L from the number of them. */
  readonly weights?: Float32Array;
}

/**
 * (prediction - target)², the mean over all values. A target that is NaN does not count. Both are [P, L], or of any
 * other one shape without weights. Throws `RangeError` if they are not equally many.
 */
export function squaredError(
  predictions: Float32Array,
  targets: Float32Array,
  options: SquaredErrorOptions = {},
): Loss {
  const { weights } = options;
  const size = predictions.length;
  if (targets.length !== size) {
    throw new RangeError(
      `Cannot compute squared error: there must be ${size} targets, one a prediction, there are ${targets.length}`,
    );
  }
  const L = weights ? columnsOf("squared error", predictions, weights.length) : 1;
  checkRowWeights("squared error", weights, weights?.length ?? 0);
  const weightOf = (i: number): number => (Number.isNaN(targets[i]!) ? 0 : weights ? weights[Math.floor(i / L)]! : 1);
  const gradient = new Float32Array(size);
  let count = 0;
  for (let i = 0; i < size; i += 1) count += weightOf(i);
  if (count === 0) return { loss: 0, gradient, count };
  let loss = 0;
  for (let i = 0; i < size; i += 1) {
    const weight = weightOf(i);
    if (weight === 0) continue;
    const difference = predictions[i]! - targets[i]!;
    loss += weight * difference * difference;
    gradient[i] = (2 * weight * difference) / count;
  }
  return { loss: loss / count, gradient, count };
}
