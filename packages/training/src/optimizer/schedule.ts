// The learning rate from step to step, as plain data.

/** A learning rate that rises from 0 in a straight line, then stays or falls along half a cosine (Loshchilov and Hutter 2017). */
export interface Schedule {
  readonly kind: "constant" | "cosine";
  /** The highest rate. */
  readonly rate: number;
  /** Steps to get there; default 0. */
  readonly warmup?: number;
  /** What a cosine ends with, as a share of `rate`; default 0. */
  readonly floor?: number;
}

/** The rate of step `step`, counted from 0, of `steps` in all. */
export function rateAt({ kind, rate, warmup = 0, floor = 0 }: Schedule, step: number, steps: number): number {
  if (step < warmup) return (rate * (step + 1)) / warmup;
  if (kind === "constant") return rate;
  const passed = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return rate * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * passed)));
}

/** Throws `RangeError` unless `schedule` gives rates that can be used. */
export function checkSchedule({ kind, rate, warmup = 0, floor = 0 }: Schedule): void {
  if (kind !== "constant" && kind !== "cosine") {
    throw new RangeError(`Cannot use schedule: kind must be constant or cosine, it is ${String(kind)}`);
  }
  if (!(rate >= 0 && rate < Infinity)) throw new RangeError(`Cannot use schedule: rate must be >= 0, it is ${rate}`);
  if (!(Number.isInteger(warmup) && warmup >= 0)) {
    throw new RangeError(`Cannot use schedule: warmup must be an integer >= 0, it is ${warmup}`);
  }
  if (!(floor >= 0 && floor <= 1))
    throw new RangeError(`Cannot use schedule: floor must be from 0 to 1, it is ${floor}`);
}
