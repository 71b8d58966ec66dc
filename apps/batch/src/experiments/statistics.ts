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

/** What Student's t passes in one of twenty draws, to either side, by degrees of freedom from 1 on. */
const quantiles = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];

/**
 * Whether the means of `a` and `b` differ by more than chance gives in one of twenty cases: Welch's t-test (1947), its degrees
 * of freedom rounded down. By it a report decides whether to speak of a difference. False for fewer than three runs each.
 */
export function differs(a: Spread, b: Spread): boolean {
  if (a.count < 3 || b.count < 3) return false;
  const [x, y] = [a.deviation ** 2 / a.count, b.deviation ** 2 / b.count];
  if (x + y === 0) return a.mean !== b.mean;
  const freedom = (x + y) ** 2 / (x ** 2 / (a.count - 1) + y ** 2 / (b.count - 1));
  const quantile = quantiles[Math.floor(freedom) - 1] ?? quantiles.at(-1)!;
  return Math.abs(a.mean - b.mean) > quantile * Math.sqrt(x + y);
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
