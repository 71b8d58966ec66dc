import { describe, expect, it } from "vitest";
import { Pace, submissionMilliseconds } from "./pace.ts";

/** A device that does `rate` multiply-adds in a millisecond, behind a way of `way` milliseconds. */
function run(
  pace: Pace,
  rates: Readonly<Record<string, number>>,
  work: readonly (readonly [string, number])[],
  way = 1,
): number {
  let now = 1000;
  let longest = 0;
  let taken = 0;
  const idle = (): void => {
    longest = Math.max(longest, taken);
    now += taken + way;
    pace.idle(pace.mark, now);
    taken = 0;
  };
  for (const [kernel, units] of work) {
    for (let done = 0; done < units;) {
      if (pace.isFull(kernel, 1000)) {
        idle();
        continue;
      }
      const count = Math.min(units - done, pace.room(kernel, 1000));
      pace.add(kernel, 1000 * count, now);
      taken += (1000 * count) / rates[kernel]!;
      done += count;
    }
  }
  idle();
  return longest;
}

describe("Pace", () => {
  it("keeps the first submission of a slow device below 200 ms", () => {
    // SwiftShader on two busy cores.
    expect(run(new Pace(true), { attention: 12_000 }, [["attention", 100_000]])).toBeLessThan(200);
    // An old integrated GPU.
    expect(run(new Pace(false), { attention: 150_000 }, [["attention", 1_000_000]])).toBeLessThan(200);
  });

  it("learns a fast device in a few submissions", () => {
    const pace = new Pace(false);
    const rate = 1e9;
    run(pace, { linear: rate }, [["linear", 2_000_000_000]], 0);
    expect(pace.room("linear", 1000)).toBeGreaterThan((0.25 * rate * submissionMilliseconds) / 1000);
  });

  it("learns kernels apart: a slow one is not taken for as fast as those beside it", () => {
    const pace = new Pace(false);
    const rates = { linear: 1e8, attention: 3e5 };
    run(pace, rates, [["linear", 100_000_000]]);
    const longest = run(pace, rates, [
      ["linear", 10_000_000],
      ["attention", 1_000_000],
      ["linear", 10_000_000],
    ]);
    expect(longest).toBeLessThan(200);
  });

  it("does not take the way to the device for slowness", () => {
    const pace = new Pace(false);
    const before = pace.room("add", 1000);
    for (let i = 0; i < 100; i += 1) run(pace, { add: 1e9 }, [["add", 1]], 5);
    expect(pace.room("add", 1000)).toBe(before);
  });

  it("lets a unit through that alone takes too long, and nothing beside it", () => {
    const pace = new Pace(false);
    expect(pace.isFull("attention", 1e12)).toBe(false);
    expect(pace.room("attention", 1e12)).toBe(1);
    pace.add("attention", 1e12, 0);
    expect(pace.isFull("add", 1000)).toBe(true);
  });

  it("learns nothing of a time in which other work came in", () => {
    const pace = new Pace(false);
    pace.add("linear", 1e6, 0);
    const { mark } = pace;
    pace.add("linear", 1e6, 1);
    const before = pace.underWay;
    pace.idle(mark, 1000);
    expect(pace.underWay).toBe(before);
  });
});
