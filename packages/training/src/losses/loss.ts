// What all losses return and check. They are functions on the host over scores that were read: sums in float64.

/** A loss, and where going back starts. */
export interface Loss {
  /** The mean over what was counted; 0 if nothing was. */
  readonly loss: number;
  /** Of that mean with respect to the scores, in their shape. */
  readonly gradient: Float32Array;
  /** What the mean is over: rows, values or sets, or the sum of their weights. */
  readonly count: number;
}

/** L, the columns of `values` in `rows` rows. Throws `RangeError` if they do not divide. */
export function columnsOf(loss: string, values: Float32Array, rows: number): number {
  if (rows === 0 && values.length === 0) return 0;
  const columns = values.length / rows;
  if (Number.isInteger(columns)) return columns;
  throw new RangeError(
    `Cannot compute ${loss}: scores must be [P, L] with P = ${rows}, there are ${values.length} of them`,
  );
}

/** Throws `RangeError` unless there is a weight >= 0 for each row, or none at all. */
export function checkRowWeights(loss: string, weights: Float32Array | undefined, rows: number): void {
  if (weights === undefined) return;
  if (weights.length !== rows) {
    throw new RangeError(
      `Cannot compute ${loss}: there must be ${rows} weights, one a row, there are ${weights.length}`,
    );
  }
  const bad = weights.find((weight) => !(weight >= 0));
  if (bad !== undefined) throw new RangeError(`Cannot compute ${loss}: weights must be >= 0, one is ${bad}`);
}

/** ln Σ exp(factor · values[from .. to)). */
export function logSumExp(values: Float32Array, from: number, to: number, factor = 1): number {
  let largest = -Infinity;
  for (let i = from; i < to; i += 1) largest = Math.max(largest, values[i]! * factor);
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += Math.exp(values[i]! * factor - largest);
  return largest + Math.log(sum);
}
