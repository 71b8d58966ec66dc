import { describe, expect, it } from "vitest";
import { randomGraph } from "./random-graph.ts";

describe("randomGraph()", () => {
  it("gives compressed rows whose targets agree with their offsets", () => {
    const { offsets, sources, targets } = randomGraph(50, 400, 1);
    expect([offsets[0], offsets[50], sources.length]).toEqual([0, 400, 400]);
    for (let node = 0; node < 50; node++) {
      const row = targets.subarray(offsets[node], offsets[node + 1]);
      expect(row.every((target) => target === node)).toBe(true);
    }
    expect(sources.every((source) => source >= 0 && source < 50)).toBe(true);
  });

  it("is the same for the same seed", () => {
    expect(randomGraph(9, 30, 5)).toEqual(randomGraph(9, 30, 5));
  });
});
