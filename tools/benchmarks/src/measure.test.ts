import { describe, expect, it } from "vitest";
import { interleave, quantile, summarize } from "./measure.ts";

/** A clock that the runs themselves move. */
function clock(): { now: () => number; run: (name: string, ms: number) => () => Promise<void>; log: string[] } {
  let time = 0;
  const log: string[] = [];
  const run = (name: string, ms: number) => async () => {
    time += ms;
    log.push(name);
  };
  return { now: () => time, run, log };
}

describe("interleave()", () => {
  it("takes the contestants in turn", async () => {
    const { now, run, log } = clock();
    await interleave([run("a", 10), run("b", 20)], { now, warmUpMs: 0, turnMs: 1, minRounds: 3, maxRounds: 3 });
    expect(log.join("")).toBe("abababab");
  });

  it("repeats short calls until a turn is long enough, and times each", async () => {
    const { now, run, log } = clock();
    const [short] = await interleave([run("a", 0.5)], { now, warmUpMs: 0, turnMs: 2, minRounds: 2, maxRounds: 2 });
    expect(log.length).toBe(1 + 2 * (1 + 4));
    expect(short).toMatchObject({ medianMs: 0.5, samples: 2 * 4 });
  });

  it("warms up for as long as it is told", async () => {
    const { now, run, log } = clock();
    await interleave([run("a", 10)], { now, warmUpMs: 100, turnMs: 1, minRounds: 1, maxRounds: 1 });
    expect(log.length).toBe(10 + 1);
  });

  it("keeps to the bounds on rounds", async () => {
    const { now, run } = clock();
    const [few] = await interleave([run("a", 1000)], { now, warmUpMs: 0, budgetMs: 10, minRounds: 3, maxRounds: 9 });
    const [many] = await interleave([run("a", 1000)], { now, warmUpMs: 0, budgetMs: 1e6, minRounds: 3, maxRounds: 9 });
    expect([few?.samples, many?.samples]).toEqual([3, 9]);
  });

  it("settles before every turn, outside the timing", async () => {
    const { now, run, log } = clock();
    const settle = run("s", 1000);
    const [one] = await interleave([run("a", 10)], { now, settle, warmUpMs: 0, turnMs: 1, minRounds: 2, maxRounds: 2 });
    expect(log.join("")).toBe("asasa");
    expect(one?.medianMs).toBe(10);
  });

  it("lets very long calls take part in every other round", async () => {
    const { now, run, log } = clock();
    await interleave([run("a", 10), run("b", 5000)], { now, warmUpMs: 0, turnMs: 1, minRounds: 3, maxRounds: 3 });
    expect(log.join("").slice(-5)).toBe("ab" + "a" + "ab");
  });

  it("rejects with what a run rejects with", async () => {
    const failing = async (): Promise<void> => {
      throw new RangeError("no");
    };
    await expect(interleave([failing])).rejects.toThrow(RangeError);
  });
});

describe("summarize()", () => {
  it("gives median, spread and best", () => {
    const samples = Array.from({ length: 11 }, (_, i) => 11 - i);
    expect(summarize(samples)).toEqual({ medianMs: 6, spreadMs: [2, 10], bestMs: 1, samples: 11 });
  });

  it("throws for no samples", () => {
    expect(() => summarize([])).toThrow(RangeError);
  });
});

describe("quantile()", () => {
  it("interpolates between neighbours", () => {
    expect(quantile([1, 2], 0.5)).toBe(1.5);
    expect(quantile([4], 0.9)).toBe(4);
  });
});
