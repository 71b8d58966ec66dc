import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatMs, formatPercent, formatRatio } from "./format.ts";
import { formatOutcome } from "./report.ts";
import { exampleResult } from "./result.fixture.ts";

describe("formatOutcome()", () => {
  it("tells time, rate, share, error, memory and every peer", () => {
    const text = formatOutcome(exampleResult());
    expect(text).toContain("attention/dense/1024");
    expect(text).toContain("60.0 ms (58.0 ms to 66.0 ms)  53.7 GFLOP/s  78.0 % of 69.0  error 3.0e-7  25 MB");
    expect(text).toMatch(/onnxruntime-web Attention-23 +104 ms +1\.73 x/);
    expect(text).not.toMatch(/onnxruntime-web +104 ms/);
    expect(text).toContain("onnxruntime-web MultiHeadAttention: not measured, Integer overflow");
    expect(text).toContain("Node 20.20.2: 61.0 ms");
  });

  it("tells edges where there are some", () => {
    const text = formatOutcome(exampleResult({ edgesPerSecond: 2e7, bandwidthShare: 0.5 }));
    expect(text).toContain("20.0 million edges/s, 50.0 % of the memory bandwidth");
  });

  it("tells why a case was skipped", () => {
    expect(formatOutcome({ name: "text/accuracy", skipped: "no data" })).toBe("text/accuracy  skipped: no data");
  });

  it("tells why a case failed", () => {
    expect(formatOutcome({ name: "gemm/512", failed: "it is wrong" })).toBe("gemm/512  FAILED: it is wrong");
  });
});

describe("the formats", () => {
  it("choose the unit", () => {
    expect([0.0471, 12.34, 1704].map(formatMs)).toEqual(["47.1 µs", "12.3 ms", "1.70 s"]);
    expect([formatPercent(0.8812), formatRatio(1.734), formatRatio(25.04), formatBytes(25.3e6)]).toEqual([
      "88.1 %",
      "1.73 x",
      "25.0 x",
      "25 MB",
    ]);
    expect([25_147, 1_234_567].map(formatCount)).toEqual(["25.1 thousand", "1.23 million"]);
  });
});
