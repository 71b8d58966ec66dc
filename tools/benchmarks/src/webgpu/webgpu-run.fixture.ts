import type { TimedResult, WebgpuRun } from "./webgpu-result.ts";

/** A timed result for tests, `changes` apart. */
export function exampleTimed(changes: Partial<TimedResult> = {}): TimedResult {
  return {
    name: "attention/dense/4096/16-heads",
    error: 5e-7,
    peerErrors: { "onnxruntime-web MultiHeadAttention": 6e-7, "jax-js": 4e-7 },
    absent: { "onnxruntime-web MatMul and Softmax": "out of memory" },
    peakMemoryBytes: 67e6,
    times: {
      ms: 2.5,
      spreadMs: [2.4, 2.75],
      calls: 8,
      copiedMs: 12,
      openMs: 300,
      firstMs: 80,
      gflops: 27_488,
      share: 0.44,
      peakGflops: 62_470,
      copyBytesPerSecond: 4.1e12,
      peers: { "onnxruntime-web MultiHeadAttention": { ms: 5, copiedMs: 15 }, "jax-js": { ms: 40, copiedMs: 11 } },
    },
    ...changes,
  };
}

/** A run on a card for tests, `changes` apart. */
export function exampleRun(changes: Partial<WebgpuRun> = {}): WebgpuRun {
  return {
    machine: {
      cpu: "Example CPU",
      cores: 16,
      memoryBytes: 128 * 2 ** 30,
      system: "linux x64",
      node: "24.21.0",
      olderNode: undefined,
      adapter: "nvidia example",
      packages: { webgpu: "0.6.2", "onnxruntime-web": "1.30.0" },
      commit: "abc1234",
      date: "2026-01-02",
      load: 0.1,
    },
    gpu: {
      name: "nvidia example",
      vendor: "nvidia",
      architecture: "example",
      isSoftware: false,
      limits: { maxBufferSize: 2 ** 30 },
      features: ["subgroups"],
    },
    outcomes: [exampleTimed(), { name: "gemm/512", failed: "it is wrong" }],
    torch: null,
    ...changes,
  };
}

/** The same on a program: nothing is timed. */
export function exampleSoftwareRun(): WebgpuRun {
  const run = exampleRun();
  return {
    ...run,
    gpu: { ...run.gpu, name: "google swiftshader", isSoftware: true },
    outcomes: [{ ...exampleTimed(), times: null }],
  };
}
