import { describe, expect, it } from "vitest";
import type { Contestant } from "./contestant.ts";
import { relativeError, sampleRows } from "./error.ts";

const contestant = (rowAt?: Contestant["rowAt"]): Contestant => ({
  library: "x",
  name: "x",
  run: async () => new Float32Array(0),
  dispose: async () => {},
  ...(rowAt === undefined ? {} : { rowAt }),
});
const expected = { rows: Int32Array.of(0, 2), width: 2, values: Float32Array.of(1, -4, 2, 3) };

describe("relativeError()", () => {
  it("is the largest difference over the largest magnitude, on the sampled rows", () => {
    const output = Float32Array.of(1, -4, 99, 99, 2, 5);
    expect(relativeError(contestant(), output, expected)).toBe(0.5);
  });

  it("looks for a row where the contestant has it", () => {
    const output = Float32Array.of(2, 3, 1, -4);
    expect(
      relativeError(
        contestant((row) => (row === 0 ? 1 : 0)),
        output,
        expected,
      ),
    ).toBe(0);
  });

  it("is infinite for NaN, infinity and missing rows", () => {
    expect(relativeError(contestant(), Float32Array.of(NaN, -4, 0, 0, 2, 3), expected)).toBe(Infinity);
    expect(relativeError(contestant(), Float32Array.of(1, -Infinity, 0, 0, 2, 3), expected)).toBe(Infinity);
    expect(relativeError(contestant(), Float32Array.of(1, -4), expected)).toBe(Infinity);
  });

  it("divides by the scale of each group, and gives the largest", () => {
    const groups = Int32Array.of(0, 1);
    expect(relativeError(contestant(), Float32Array.of(1, -4, 0, 0, 2, 6), { ...expected, groups })).toBe(1);
    expect(relativeError(contestant(), Float32Array.of(3, -4, 0, 0, 2, 3), { ...expected, groups })).toBe(0.5);
  });

  it("is undefined for a contestant that computes something else", () => {
    expect(relativeError(contestant(null), Float32Array.of(1), expected)).toBeUndefined();
  });
});

describe("sampleRows()", () => {
  it("takes all rows where there are few", () => {
    expect([...sampleRows(3, 8)]).toEqual([0, 1, 2]);
  });

  it("takes the first and the last, and distinct rows in ascending order between", () => {
    const rows = [...sampleRows(65_536, 24)];
    expect(rows.length).toBe(24);
    expect([rows[0], rows.at(-1)]).toEqual([0, 65_535]);
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
  });
});
