// Loads the peers, in the one order that works: onnxruntime-web first (its loader touches the global `Worker`), then the
// global `Worker` that jax-js needs for threads in Node, then jax-js, which looks for it when imported.

import type { Threads } from "../shapes.ts";
import type { jaxAttentionGradient } from "./jax-gradient.ts";
import type { jaxNeighbors, jaxPaddedNeighbors } from "./jax-graph.ts";
import type { jaxTraining } from "./jax-training.ts";
import type { jaxAttention, jaxMatMul } from "./jax.ts";
import type { onnxAttention } from "./onnx-attention.ts";
import type { onnxEncoder } from "./onnx-encoder.ts";
import type { onnxGraphNetwork } from "./onnx-graph-network.ts";
import type { onnxNetwork } from "./onnx-network.ts";
import type { onnxMatMul, OnnxRuntime } from "./onnxruntime.ts";

/** The peers' functions. */
export interface PeerLibraries {
  readonly onnxMatMul: Loaded<typeof onnxMatMul>;
  readonly onnxAttention: Loaded<typeof onnxAttention>;
  readonly onnxEncoder: Loaded<typeof onnxEncoder>;
  readonly onnxNetwork: Loaded<typeof onnxNetwork>;
  readonly onnxGraphNetwork: Loaded<typeof onnxGraphNetwork>;
  readonly jaxMatMul: typeof jaxMatMul;
  readonly jaxAttention: typeof jaxAttention;
  readonly jaxAttentionGradient: typeof jaxAttentionGradient;
  readonly jaxTraining: typeof jaxTraining;
  readonly jaxNeighbors: typeof jaxNeighbors;
  readonly jaxPaddedNeighbors: typeof jaxPaddedNeighbors;
}

/** A function whose runtime is given already. */
type Loaded<F> = F extends (runtime: OnnxRuntime, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** Loads both for `threads`; once in a process. */
export async function loadPeers(threads: Threads): Promise<PeerLibraries> {
  const onnxruntime = await import("./onnxruntime.ts");
  const runtime = await onnxruntime.startOnnxruntime(threads);
  const load =
    <Rest extends readonly unknown[], Result>(
      of: (runtime: OnnxRuntime, ...rest: Rest) => Result,
    ): ((...rest: Rest) => Result) =>
    (...rest) =>
      of(runtime, ...rest);
  if (threads !== "gpu" && threads > 1) (await import("./web-worker.ts")).defineWebWorker();
  const jax = await import("./jax.ts");
  await jax.startJax(threads === "gpu" ? "webgpu" : "wasm");
  return {
    onnxMatMul: load(onnxruntime.onnxMatMul),
    onnxAttention: load((await import("./onnx-attention.ts")).onnxAttention),
    onnxEncoder: load((await import("./onnx-encoder.ts")).onnxEncoder),
    onnxNetwork: load((await import("./onnx-network.ts")).onnxNetwork),
    onnxGraphNetwork: load((await import("./onnx-graph-network.ts")).onnxGraphNetwork),
    ...jax,
    ...(await import("./jax-gradient.ts")),
    ...(await import("./jax-training.ts")),
    ...(await import("./jax-graph.ts")),
  };
}
