import { describe, expect, it } from "vitest";
import { formatGpu, formatWebgpuOutcome } from "./webgpu-report.ts";
import { exampleRun, exampleSoftwareRun, exampleTimed } from "./webgpu-run.fixture.ts";

describe("formatWebgpuOutcome()", () => {
  it("tells times within a model and with copies, rate, share, error and every peer", () => {
    const text = formatWebgpuOutcome(exampleTimed());
    expect(text).toContain("2.50 ms (2.40 ms to 2.75 ms; 12.0 ms with copies)  27488 GFLOP/s  44.0 % of 62470");
    expect(text).toMatch(/jax-js +40\.0 ms +16\.0 x +11\.0 ms with copies, 0\.92 x/);
    expect(text).toContain("onnxruntime-web MatMul and Softmax: not measured, out of memory");
  });

  it("tells the share of the bandwidth where bytes are counted", () => {
    const { times } = exampleTimed();
    const text = formatWebgpuOutcome(exampleTimed({ times: { ...times, bytesPerSecond: 2.05e12 } }));
    expect(text).toContain("50.0 % of the bandwidth of a copy");
  });

  it("tells no time of a program", () => {
    const [outcome] = exampleSoftwareRun().outcomes;
    const text = formatWebgpuOutcome(outcome!);
    expect(text).toMatch(/error 5\.0e-7 {2}67\.0 MB\n +onnxruntime-web MultiHeadAttention +error 6\.0e-7/);
    expect(text).not.toMatch(/ms|GFLOP/);
  });

  it("tells why a case failed", () => {
    expect(formatWebgpuOutcome({ name: "gemm/512", failed: "it is wrong" })).toBe("gemm/512  FAILED: it is wrong");
  });
});

describe("formatGpu()", () => {
  it("says of a program that its speed means nothing", () => {
    expect(formatGpu(exampleRun().gpu)).toBe("nvidia example");
    expect(formatGpu(exampleSoftwareRun().gpu)).toBe(
      "google swiftshader: a program that does the work of a GPU. Its speed means nothing and is not printed.",
    );
  });
});
