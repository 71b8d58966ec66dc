import { checkRowWeights, columnsOf, type Loss, logSumExp } from "./loss.ts";

/** What distillation may be told. */
export interface DistillationOptions {
  /** T > 0, by which scores are divided before the softmax; default 1. */
  readonly temperature?: number;
  /** [P], how much each row counts; default 1. */
  readonly weights?: Float32Array;
}

/**
 * Distance to a teacher: T² · KL(probabilities ‖ softmax(scores / T)), the mean over rows (Hinton et al. 2015; T²
 * keeps gradients of the size that they have at T = 1). `scores` and `probabilities` are [P, L], P being `rows`; a
 * teacher's own temperature is the caller's business. Throws `RangeError` for sizes or options that do not fit.
 */
export function distillation(
  scores: Float32Array,
  probabilities: Float32Array,
  rows: number,
  options: DistillationOptions = {},
): Loss {
  const { temperature: T = 1, weights } = options;
  const L = columnsOf("distillation", scores, rows);
  if (probabilities.length !== scores.length) {
    throw new RangeError(
      `Cannot compute distillation: there must be ${scores.length} probabilities, one a score, there are ${probabilities.length}`,
    );
  }
  if (!(T > 0 && T < Infinity))
    throw new RangeError(`Cannot compute distillation: temperature must be > 0, it is ${T}`);
  checkRowWeights("distillation", weights, rows);
  const gradient = new Float32Array(scores.length);
  const count = weights ? weights.reduce((sum, weight) => sum + weight, 0) : rows;
  if (count === 0) return { loss: 0, gradient, count };

  let loss = 0;
  for (let row = 0; row < rows; row += 1) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    const [start, end] = [row * L, (row + 1) * L];
    const total = logSumExp(scores, start, end, 1 / T);
    let rowLoss = 0;
    let mass = 0;
    for (let i = start; i < end; i += 1) mass += probabilities[i]!;
    for (let i = start; i < end; i += 1) {
      const target = probabilities[i]!;
      const logProbability = scores[i]! / T - total;
      if (target > 0) rowLoss += target * (Math.log(target) - logProbability);
      // Rounded probabilities do not sum to one exactly; with their sum the gradient is that of the loss as it stands.
      gradient[i] = (T * (Math.exp(logProbability) * mass - target) * weight) / count;
    }
    loss += T * T * rowLoss * weight;
  }
  return { loss: loss / count, gradient, count };
}
