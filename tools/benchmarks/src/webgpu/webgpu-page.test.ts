import { describe, expect, it } from "vitest";
import { renderWebgpuSection } from "./webgpu-page.ts";
import { exampleRun, exampleSoftwareRun, exampleTimed } from "./webgpu-run.fixture.ts";

describe("renderWebgpuSection()", () => {
  const section = renderWebgpuSection(exampleRun());

  it("names the card, its limits, its peak and its bandwidth", () => {
    expect(section).toContain("- Measured on 2026-01-02 at commit abc1234\n- Adapter: nvidia example\n");
    expect(section).toContain("- Limits: maxBufferSize 1,073,741,824; of the features subgroups");
    expect(section).toContain(
      "by a loop in WGSL: 62.5 TFLOP/s; of a copy within the card's memory, read and written: 4,100 GB/s",
    );
  });

  it("has a row for each case and for each peer, within a model and with copies", () => {
    expect(section).toContain(
      "| `attention/dense/4096/16-heads` | 2.50 ms | 2.40 ms to 2.75 ms | 12.0 ms | 300 ms | 80.0 ms | 27,488 | 44.0 % | 5.0e-7 | 67 MB |  |",
    );
    expect(section).toContain(
      "| `attention/dense/4096/16-heads` | jax-js | 40.0 ms | 16.0 x | 11.0 ms | 0.92 x | 4.0e-7 |",
    );
  });

  it("lists goals, losses, failures and absences", () => {
    expect(section).toContain("share of the fp32 peak at least 35 % | 44.0 % | yes |");
    expect(section).toContain("- `attention/dense/4096/16-heads`: jax-js is faster with copies, 0.92 x");
    expect(section).not.toContain("is faster within a model");
    expect(section).toContain("- `gemm/512`: it is wrong");
    expect(section).toContain("- `attention/dense/4096/16-heads`: onnxruntime-web MatMul and Softmax: out of memory");
  });

  it("tells edges and bytes where there are some", () => {
    const { times } = exampleTimed();
    const edges = exampleTimed({ times: { ...times, edgesPerSecond: 2e9, bytesPerSecond: 1.025e12 } });
    expect(renderWebgpuSection(exampleRun({ outcomes: [edges] }))).toContain(
      "| 2000.0 million edges/s, 1,030 GB/s, 25.0 % of a copy |",
    );
  });

  it("sets PyTorch beside where it was measured on the same card", () => {
    expect(section).not.toContain("PyTorch");
    const torch = {
      torch: "2.11.0",
      device: "NVIDIA Example",
      nominalGflops: 66_900,
      cases: [{ name: "attention/dense/4096/16-heads", form: "attention, efficient", ms: 2, error: 3e-7 }],
    };
    const beside = renderWebgpuSection(exampleRun({ torch }));
    expect(beside).toContain("- PyTorch 2.11.0 on NVIDIA Example, fp32 without TensorFloat-32");
    expect(beside).toContain("by lanes and highest clock: 66.9 TFLOP/s");
    expect(beside).toContain("| 2.50 ms | 2.00 ms | attention, efficient | 80.0 % of its speed | 3.0e-7 |");
    expect(beside).toContain("- `attention/dense/4096/16-heads`: PyTorch is faster, 0.80 x");
  });

  it("prints no speed of a program, and says so", () => {
    const software = renderWebgpuSection(exampleSoftwareRun());
    expect(software).toContain("## WebGPU\n\n- Unmeasured: no card was at hand. The adapter is google swiftshader");
    expect(software).toContain("its speeds mean nothing, and none are printed");
    expect(software).toContain(
      "| `attention/dense/4096/16-heads` | 5.0e-7 | onnxruntime-web MultiHeadAttention 6.0e-7, jax-js 4.0e-7 |",
    );
    expect(software).not.toMatch(/\d (?:ms|µs|s|x)\b|FLOP|B\/s/);
  });
});
