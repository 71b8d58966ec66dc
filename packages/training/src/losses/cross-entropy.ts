import { checkRowWeights, columnsOf, type Loss, logSumExp } from "./loss.ts";

/** What cross-entropy may be told. */
export interface CrossEntropyOptions {
  /** 0 <= s < 1: the target is (1 - s) · label + s / L for each of L labels (Szegedy et al. 2016, section 7); default 0. */
  readonly smoothing?: number;
  /** [P], how much each row counts; default 1. */
  readonly weights?: Float32Array;
}

/**
 * Cross-entropy of labels: -Σ target · ln softmax(scores), the mean over the rows that have a label. `scores` [P, L]
 * before any softmax, `labels` [P], where -1 says that the row does not count. Throws `RangeError` for another label
 * that is not 0 .. L - 1, and for options outside their range.
 */
export function crossEntropy(scores: Float32Array, labels: Int32Array, options: CrossEntropyOptions = {}): Loss {
  const { smoothing = 0, weights } = options;
  const P = labels.length;
  const L = columnsOf("cross-entropy", scores, P);
  checkRowWeights("cross-entropy", weights, P);
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new RangeError(`Cannot compute cross-entropy: smoothing must be from 0 to below 1, it is ${smoothing}`);
  }
  const gradient = new Float32Array(scores.length);
  let count = 0;
  for (let row = 0; row < P; row += 1) {
    const label = labels[row]!;
    if (label < -1 || label >= L) {
      throw new RangeError(
        `Cannot compute cross-entropy: a label must be from -1 to ${L - 1}, label ${row} is ${label}`,
      );
    }
    if (label >= 0) count += weights?.[row] ?? 1;
  }
  if (count === 0) return { loss: 0, gradient, count };

  const spread = smoothing / L;
  let loss = 0;
  for (let row = 0; row < P; row += 1) {
    const label = labels[row]!;
    const weight = weights?.[row] ?? 1;
    if (label < 0 || weight === 0) continue;
    const start = row * L;
    const total = logSumExp(scores, start, start + L);
    let rowLoss = (1 - smoothing) * (total - scores[start + label]!);
    for (let i = start; i < start + L; i += 1) {
      const logProbability = scores[i]! - total;
      if (smoothing > 0) rowLoss -= spread * logProbability;
      const target = spread + (i === start + label ? 1 - smoothing : 0);
      gradient[i] = ((Math.exp(logProbability) - target) * weight) / count;
    }
    loss += rowLoss * weight;
  }
  return { loss: loss / count, gradient, count };
}
