// Loads the peers, in the one order that works: onnxruntime-web first (its loader touches the global `Worker`), then the
// global `Worker` that jax-js needs for threads in Node, then jax-js, which looks for it when imported.

import type { jaxAttentionGradient } from "./jax-gradient.ts";
import type { jaxNeighbors, jaxPaddedNeighbors } from "./jax-graph.ts";
import type { jaxTraining } from "./jax-training.ts";
import type { jaxAttention, jaxMatMul } from "./jax.ts";
import type { onnxAttention } from "./onnx-attention.ts";
import type { onnxEncoder } from "./onnx-encoder.ts";
import type { onnxGraphNetwork } from "./onnx-graph-network.ts";
import type { onnxNetwork } from "./onnx-network.ts";
import type { onnxMatMul } from "./onnxruntime.ts";

/** The peers' functions. */
export interface PeerLibraries {
  readonly onnxMatMul: typeof onnxMatMul;
  readonly onnxAttention: typeof onnxAttention;
  readonly onnxEncoder: typeof onnxEncoder;
  readonly onnxNetwork: typeof onnxNetwork;
  readonly onnxGraphNetwork: typeof onnxGraphNetwork;
  readonly jaxMatMul: typeof jaxMatMul;
  readonly jaxAttention: typeof jaxAttention;
  readonly jaxAttentionGradient: typeof jaxAttentionGradient;
  readonly jaxTraining: typeof jaxTraining;
  readonly jaxNeighbors: typeof jaxNeighbors;
  readonly jaxPaddedNeighbors: typeof jaxPaddedNeighbors;
}

/** Loads both for `threads` threads; once in a process. */
export async function loadPeers(threads: number): Promise<PeerLibraries> {
  const onnxruntime = await import("./onnxruntime.ts");
  await onnxruntime.startOnnxruntime(threads);
  if (threads > 1) (await import("./web-worker.ts")).defineWebWorker();
  const jax = await import("./jax.ts");
  await jax.startJax();
  return {
    ...onnxruntime,
    ...(await import("./onnx-attention.ts")),
    ...(await import("./onnx-encoder.ts")),
    ...(await import("./onnx-network.ts")),
    ...(await import("./onnx-graph-network.ts")),
    ...jax,
    ...(await import("./jax-gradient.ts")),
    ...(await import("./jax-training.ts")),
    ...(await import("./jax-graph.ts")),
  };
}
