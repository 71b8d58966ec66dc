// The loop over values: moments, weight and average in one pass, without a branch.

/** What is the same for all values of a tensor in one step. */
export interface AdamStep {
  /** Multiplied with each gradient: clipping and means. */
  readonly scale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** rate / (1 - beta1^t), and 1 / √(1 - beta2^t): the corrections for moments that start at 0. */
  readonly rate: number;
  readonly spread: number;
  /** What a weight loses by itself: rate · decay in AdamW; 0 elsewhere. */
  readonly shrink: number;
  /** Added to the gradient, times the weight: L2 in Adam; 0 elsewhere. */
  readonly penalty: number;
  /** The share of the new weight in the average. */
  readonly share: number;
}

/** The arrays of one tensor, equally long. */
export interface AdamArrays {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** The weights themselves where no average is kept: they come out unchanged by it. */
  readonly average: Float32Array;
}

/** One step for values `from .. to)`. */
export function stepValues(
  arrays: AdamArrays,
  gradients: Float32Array,
  from: number,
  to: number,
  step: AdamStep,
): void {
  const { weights, first, second, average } = arrays;
  const { scale, beta1, beta2, epsilon, rate, spread, shrink, penalty, share } = step;
  const kept = 1 - shrink;
  const fresh1 = 1 - beta1;
  const fresh2 = 1 - beta2;
  for (let i = from; i < to; i += 1) {
    const weight = weights[i]!;
    const gradient = gradients[i]! * scale + penalty * weight;
    const mean = beta1 * first[i]! + fresh1 * gradient;
    const square = beta2 * second[i]! + fresh2 * gradient * gradient;
    const next = kept * weight - (rate * mean) / (Math.sqrt(square) * spread + epsilon);
    first[i] = mean;
    second[i] = square;
    weights[i] = next;
    const before = average[i]!;
    average[i] = before + share * (next - before);
  }
}

/** Steps between two calls of `dropTinyMoments`. */
export const stepsBetweenDrops = 128;

/**
 * Sets moments to 0 that are on their way below the smallest normal float32, where some processors are a hundred
 * times slower: those of table rows that no batch has asked for in a long time. Beside epsilon they count for nothing.
 */
export function dropTinyMoments({ first, second }: AdamArrays): void {
  for (let i = 0; i < first.length; i += 1) {
    if (Math.abs(first[i]!) < 1e-30) first[i] = 0;
    if (second[i]! < 1e-37) second[i] = 0;
  }
}
