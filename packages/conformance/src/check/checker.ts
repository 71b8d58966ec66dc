// The assertions of the suite, without a test framework: they throw, and remember the largest error they saw.

import { compare, leastScale, tolerance } from "./compare.ts";

/** A backend did not do what the contract says. */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError";
  readonly code = "conformance";
}

/** What a case checks with. */
export interface Checker {
  /** The largest error of all `close` so far, relative to the scale of each. */
  readonly worst: number;
  /** Throws unless `actual` is close to `expected`, relative to the largest |expected| and at least `least`. */
  close(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, least?: number): void;
  /** Throws unless both arrays hold the same bits; -0 differs from 0, a NaN equals any NaN. */
  same(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void;
  /** Throws unless `condition` holds. */
  that(what: string, condition: boolean): void;
  /** Throws unless both shapes are equal. */
  shape(what: string, actual: readonly number[], expected: readonly number[]): void;
  /** Runs `action`, and throws unless it throws or rejects with an error of one of `names`; returns the error. */
  throws(what: string, names: readonly string[], action: () => unknown): Promise<unknown>;
  /** Awaits `promise`, and throws unless it rejects with exactly `reason`. */
  rejects(what: string, reason: unknown, promise: Promise<unknown>): Promise<void>;
}

/** A new checker that has seen nothing; errors of `close` may be up to `largestError`. */
export function createChecker(largestError: number = tolerance): Checker {
  let worst = 0;
  return {
    get worst() {
      return worst;
    },
    close(what, actual, expected, least = leastScale) {
      const { error, scale, at } = compare(actual, expected, least);
      worst = Math.max(worst, error);
      if (error <= largestError) return;
      const where =
        actual.length === expected.length
          ? `[${at}] is ${actual[at]}, expected ${expected[at]}`
          : `there are ${actual.length} values, expected ${expected.length}`;
      throw new ConformanceError(
        `${what}: error must be at most ${largestError} of the scale ${format(scale)}, is ${format(error)}; ${where}`,
      );
    },
    same(what, actual, expected) {
      if (actual.length !== expected.length) {
        throw new ConformanceError(`${what}: there are ${actual.length} values, expected ${expected.length}`);
      }
      for (let i = 0; i < expected.length; i++) {
        if (Object.is(actual[i], expected[i])) continue;
        throw new ConformanceError(`${what}: bits must be equal; [${i}] is ${actual[i]}, expected ${expected[i]}`);
      }
    },
    that(what, condition) {
      if (!condition) throw new ConformanceError(what);
    },
    shape(what, actual, expected) {
      if (actual.length === expected.length && actual.every((length, axis) => length === expected[axis])) return;
      throw new ConformanceError(`${what}: shape must be [${expected.join(", ")}], is [${actual.join(", ")}]`);
    },
    async throws(what, names, action) {
      let result: unknown;
      try {
        result = await action();
      } catch (error) {
        if (error instanceof Error && names.includes(error.name)) return error;
        throw new ConformanceError(`${what}: must throw ${names.join(" or ")}, threw ${String(error)}`, {
          cause: error,
        });
      }
      throw new ConformanceError(`${what}: must throw ${names.join(" or ")}, returned ${typeof result}`);
    },
    async rejects(what, reason, promise) {
      try {
        await promise;
      } catch (error) {
        if (error === reason) return;
        throw new ConformanceError(`${what}: must reject with the given reason, rejected with ${String(error)}`, {
          cause: error,
        });
      }
      throw new ConformanceError(`${what}: must reject with the given reason, resolved`);
    },
  };
}

function format(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : String(value);
}
