import type { CaseResult } from "./result.ts";

/** A result for tests, `changes` apart. */
export function exampleResult(changes: Partial<CaseResult> = {}): CaseResult {
  return {
    name: "attention/dense/1024",
    ms: 60,
    spreadMs: [58, 66],
    bestMs: 57,
    openMs: 12,
    firstMs: 90,
    gflops: 53.7,
    share: 0.78,
    peakGflops: 69,
    peers: { "onnxruntime-web": 104, "onnxruntime-web Attention-23": 104, "jax-js": 48 },
    ratio: { "onnxruntime-web": 1.733, "onnxruntime-web Attention-23": 1.733, "jax-js": 0.8 },
    error: 3e-7,
    peerErrors: { "jax-js": 4e-7 },
    absent: { "onnxruntime-web MultiHeadAttention": "Integer overflow" },
    peakMemoryBytes: 25e6,
    threads: 1,
    node: "24.21.0",
    microsecondsPerPosition: 58.6,
    olderNode: { version: "20.20.2", ms: 61, gflops: 52.8, share: 0.77, error: 3e-7 },
    ...changes,
  };
}
