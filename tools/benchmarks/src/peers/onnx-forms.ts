/** The two operators by which onnxruntime-web computes attention. */
export type OnnxAttentionForm = "MultiHeadAttention" | "Attention-23";

export const onnxAttentionForms: readonly OnnxAttentionForm[] = ["MultiHeadAttention", "Attention-23"];
