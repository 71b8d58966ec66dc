// Several runs as one figure.

/** Mean and standard deviation of the runs themselves, of n - 1 degrees of freedom; 0 for a single run. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  readonly count: number;
}

/** The spread of `values`, of which there must be one or more. */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, count };
}

/**
 * Whether `a` and `b` differ by more than twice the standard error of their difference, with at least three runs each: a
 * rule of thumb, by which a report decides whether to speak of a difference at all.
 */
export function differs(a: Spread, b: Spread): boolean {
  if (a.count < 3 || b.count < 3) return false;
  return Math.abs(a.mean - b.mean) > 2 * Math.hypot(a.deviation / Math.sqrt(a.count), b.deviation / Math.sqrt(b.count));
}

/** "94.93 ± 0.06", in percent; without the deviation for a single run. */
export function percentSpread({ mean, deviation, count }: Spread, digits = 2): string {
  const text = (100 * mean).toFixed(digits);
  return count > 1 ? `${text} ± ${(100 * deviation).toFixed(digits)}` : text;
}

/** A share in percent: "94.93 %". */
export function percent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}
