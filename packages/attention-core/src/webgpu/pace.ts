// How much work goes into a submission. A browser ends a device whose submission takes seconds, and neither an abort nor
// another page gets in before one ends: so a submission should take 60 ms, and what a kernel does in that time is learnt.

/** How long a submission should take. */
export const submissionMilliseconds = 60;
/** Multiply-adds in a millisecond before anything is known: a slow integrated GPU, and SwiftShader on two cores. */
const firstRates = { gpu: 2 ** 24 / submissionMilliseconds, software: 2 ** 19 / submissionMilliseconds } as const;
/** A measurement raises a rate by no more than this, and none falls below the least. */
const mostGrowth = 4;
const leastRate = 2 ** 10;

/** Estimates and learns, for each kernel on its own, how many of its multiply-adds a millisecond holds. */
export class Pace {
  readonly #first: number;
  readonly #rates = new Map<string, number>();
  /** What is under way since the device was last known to be idle: multiply-adds by kernel, and when it began. */
  #costs = new Map<string, number>();
  #since = 0;
  #milliseconds = 0;
  #mark = 0;

  constructor(isSoftware: boolean) {
    this.#first = isSoftware ? firstRates.software : firstRates.gpu;
  }

  /** About how long what is under way takes, in milliseconds. */
  get underWay(): number {
    return this.#milliseconds;
  }

  /** How many units of `unitCost` still fit beside what is under way, at least one. */
  room(kernel: string, unitCost: number): number {
    const free = submissionMilliseconds - this.#milliseconds;
    return Math.max(1, Math.floor((free * this.#rateOf(kernel)) / unitCost));
  }

  /** Counts work that is being submitted. */
  add(kernel: string, cost: number, now: number): void {
    if (this.#costs.size === 0) this.#since = now;
    this.#costs.set(kernel, (this.#costs.get(kernel) ?? 0) + cost);
    this.#milliseconds += cost / this.#rateOf(kernel);
    this.#mark += 1;
  }

  /** Whether the next unit of that cost should wait until the device is idle. */
  isFull(kernel: string, unitCost: number): boolean {
    if (this.#costs.size === 0) return false;
    return this.#milliseconds + unitCost / this.#rateOf(kernel) > submissionMilliseconds;
  }

  /** Where the work that was counted ends; for `idle`. */
  get mark(): number {
    return this.#mark;
  }

  /** Everything up to `mark` has run. If nothing came after it, that says how fast the device is. */
  idle(mark: number, now: number): void {
    if (mark !== this.#mark || this.#costs.size === 0) return;
    const elapsed = Math.max(0.05, now - this.#since);
    const factor = this.#milliseconds / elapsed;
    // What was quick enough is no reason to do less: the way to the device and back is in the time as well.
    if (factor > 1 || elapsed > submissionMilliseconds) this.#learn(factor);
    this.#costs = new Map();
    this.#milliseconds = 0;
  }

  #learn(factor: number): void {
    const all = this.#milliseconds;
    for (const [kernel, cost] of this.#costs) {
      const rate = this.#rateOf(kernel);
      const share = cost / rate / all;
      this.#rates.set(kernel, Math.max(leastRate, rate * Math.min(mostGrowth, factor) ** share));
    }
  }

  #rateOf(kernel: string): number {
    return this.#rates.get(kernel) ?? this.#first;
  }
}
