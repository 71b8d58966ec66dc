import { describe, expect, it } from "vitest";
import type { Machine } from "./machine.ts";
import { renderPage } from "./markdown.ts";
import { exampleResult } from "./result.fixture.ts";
import { exampleSpeed } from "./text/text-result.fixture.ts";

const machine: Machine = {
  cpu: "Example CPU",
  cores: 2,
  memoryBytes: 24 * 2 ** 30,
  system: "linux x64",
  node: "24.21.0",
  olderNode: "20.20.2",
  adapter: "WebAssembly with relaxed SIMD",
  packages: { "onnxruntime-web": "1.30.0" },
  commit: "abc1234",
  date: "2026-01-02",
  load: 0.12,
};

const webgpu = "## WebGPU\n\n- Unmeasured: no card";

describe("renderPage()", () => {
  const page = renderPage(machine, [exampleResult(), { name: "gemm/512", failed: "it is wrong" }], webgpu);

  it("names the machine, the date and the versions", () => {
    expect(page).toContain("Measured on 2026-01-02 at commit abc1234");
    expect(page).toContain("CPU: Example CPU, 2 cores, 24 GiB, linux x64");
    expect(page).toContain("onnxruntime-web 1.30.0");
  });

  it("has a row for each case and for each peer, the older Node beside", () => {
    expect(page).toContain(
      "| `attention/dense/1024` | 60.0 ms | 58.0 ms to 66.0 ms | 12.0 ms | 90.0 ms | 53.7 | 78.0 %",
    );
    expect(page).toContain("| 61.0 ms, 77.0 % |");
    expect(page).toContain("| `attention/dense/1024` | 60.0 ms | onnxruntime-web Attention-23 | 104 ms | 1.73 x |  |");
    expect(page).not.toContain("| onnxruntime-web |");
  });

  it("lists losses, failures and absences", () => {
    expect(page).toContain("- `attention/dense/1024`: jax-js is faster, 0.80 x");
    expect(page).toContain("- `gemm/512`: it is wrong");
    expect(page).toContain("- `attention/dense/1024`: onnxruntime-web MultiHeadAttention: Integer overflow");
  });

  it("has sections on tagging where there are figures, with their losses, and lists what was skipped", () => {
    expect(page).not.toContain("## Tagging English text");
    const text = renderPage(machine, [exampleSpeed, { name: "text/accuracy", skipped: "no data" }], webgpu);
    expect(text).toContain("## Tagging English text");
    expect(text).toContain("| text/upos/words-per-second: faster than compromise | 2.00 | yes |");
    expect(text).toContain("- `text/upos/words-per-second`: wink-nlp is faster, 0.10 x");
    expect(text).toContain("## Skipped\n\n- `text/accuracy`: no data");
  });

  it("tells what a user counts, and what sound costs by its length", () => {
    const outcomes = [
      exampleResult({ name: "image/clothing/64", items: { unit: "images", perSecond: 1234.5 } }),
      {
        kind: "audio-cost",
        name: "speech/stream",
        blockSeconds: 1,
        latencySeconds: 1.5,
        spans: [60, 3600].map((seconds) => ({ seconds, ms: 2 * seconds, msPerSecond: 2, peakMemoryBytes: 3e6 })),
      },
    ] as const;
    const rendered = renderPage(machine, outcomes, webgpu);
    expect(rendered).toContain("| 1,230 images a second |");
    expect(rendered).toContain("## Sound by its length");
    expect(rendered).toContain("slowest time per second of sound over fastest at most 1.1 | 1.000 | yes |");
  });

  it("ends with the section on the GPU as it is", () => {
    expect(page.endsWith(`\n\n${webgpu}\n`)).toBe(true);
  });

  it("says so where the machine was busy", () => {
    expect(page).not.toContain("busy");
    expect(renderPage({ ...machine, load: 2 }, [], webgpu)).toContain("Load of the machine before: 2.00, it was busy");
  });

  it("says so where nobody else was faster", () => {
    const won = exampleResult({ ratio: { "onnxruntime-web": 1.7, "saccade, one thread": 0.9 } });
    expect(renderPage(machine, [won], webgpu)).toContain("None of these cases.");
  });
});
