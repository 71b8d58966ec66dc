// Exponential moving averages of weights (Polyak and Juditsky 1992). Early steps count for more, so that the start is
// forgotten: after t updates the decay is at most (1 + t) / (10 + t).

/** The decay of update `t`, counted from 0, for a decay of `limit` in the long run. */
export function averagingDecay(limit: number, t: number): number {
  return Math.min(limit, (1 + t) / (10 + t));
}

/** Sums of ln(decay) over updates: what is left of a difference after some of them. */
export class DecaySums {
  readonly #limit: number;
  readonly #sums: number[] = [0];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The product of the decays of updates `from .. to)`. */
  between(from: number, to: number): number {
    while (this.#sums.length <= to) {
      const t = this.#sums.length - 1;
      this.#sums.push(this.#sums[t]! + Math.log(averagingDecay(this.#limit, t)));
    }
    return Math.exp(this.#sums[to]! - this.#sums[from]!);
  }
}
