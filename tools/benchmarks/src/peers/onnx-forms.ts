import type { Threads } from "../shapes.ts";

/** The two operators by which onnxruntime-web computes attention. */
export type OnnxAttentionForm = "MultiHeadAttention" | "Attention-23";

export const onnxAttentionForms: readonly OnnxAttentionForm[] = ["MultiHeadAttention", "Attention-23"];

/** Attention alone: by an operator, or by those that exports had before there was one. */
export type OnnxSingleForm = OnnxAttentionForm | "MatMul and Softmax";

/** The forms that take part on `threads`: the GPU has no kernel for the operator of opset 23. */
export function onnxSingleForms(threads: Threads): readonly OnnxSingleForm[] {
  return threads === "gpu" ? ["MultiHeadAttention", "MatMul and Softmax"] : onnxAttentionForms;
}
