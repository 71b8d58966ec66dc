/** How fast training goes, and how long it has been at it. */
export interface Pace {
  /** Notes a step over `positions`. */
  note(positions: number): void;
  /** Begins the next step now: what was done since the last is no part of it. */
  restart(): void;
  readonly positionsPerSecond: number;
  readonly secondsPerStep: number;
  /** Spent in steps. */
  readonly seconds: number;
}

const memory = 0.95;

/** A pace that has been going for `seconds`. */
export function createPace(seconds: number): Pace {
  let last = performance.now();
  let spent = seconds;
  let [rows, time, weight] = [0, 0, 0];
  return {
    note: (positions) => {
      const now = performance.now();
      const step = (now - last) / 1000;
      last = now;
      spent += step;
      rows = memory * rows + positions;
      time = memory * time + step;
      weight = memory * weight + 1;
    },
    restart: () => {
      last = performance.now();
    },
    get positionsPerSecond() {
      return time === 0 ? 0 : rows / time;
    },
    get secondsPerStep() {
      return weight === 0 ? 0 : time / weight;
    },
    get seconds() {
      return spent;
    },
  };
}
