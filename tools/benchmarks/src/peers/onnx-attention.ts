// Attention in onnxruntime-web, in both forms that its users have: com.microsoft MultiHeadAttention, and ONNX
// Attention of opset 23. Which one is faster depends on the size, so both take part.
import type { Contestant, HostArray } from "../contestant.ts";
import type { AttentionInputs } from "../ours.ts";
import type { OnnxAttentionForm } from "./onnx-forms.ts";
import type { OnnxGraph, OnnxNode, OnnxValue } from "./onnx-model.ts";
import { onnxruntimeName, openSession } from "./onnxruntime.ts";

/** Sizes of one attention call: `sets` sets of `positions` rows each, `heads` heads of `headWidth`. */
export interface AttentionSizes {
  readonly sets: number;
  readonly positions: number;
  readonly heads: number;
  readonly headWidth: number;
}

export interface OnnxAttentionOptions {
  readonly causal?: boolean;
  /** The sets' true lengths, the rest of each set being padding; MultiHeadAttention only. */
  readonly lengths?: Int32Array;
}

/**
 * One contestant of the given form. Where twice queries times keys times head width reaches 2^31, version 1.30 fails
 * with "Integer overflow" (a 32-bit size); the queries then go in as few equal calls as fit, over all keys.
 */
export async function onnxAttention(
  form: OnnxAttentionForm,
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  options: OnnxAttentionOptions = {},
): Promise<Contestant> {
  const parts = callsNeeded(sizes);
  const width = sizes.heads * sizes.headWidth;
  const queries = sizes.positions / parts;
  if (parts > 1 && (sizes.sets > 1 || options.causal)) throw new Error("one call overflows a 32-bit size");
  const session = await openSession(attentionGraph(form, sizes, queries, options));
  const call = async (query: HostArray): Promise<HostArray> => {
    const feeds = { query, key: inputs.key, value: inputs.value };
    return session.run(options.lengths ? { ...feeds, lengths: options.lengths } : feeds);
  };
  return {
    library: onnxruntimeName,
    name: `${onnxruntimeName} ${form}${parts > 1 ? ` in ${parts} calls` : ""}`,
    run: async () => (parts === 1 ? call(inputs.query) : inParts(call, inputs.query, queries * width)),
    dispose: async () => session.dispose(),
  };
}

async function inParts(
  call: (query: HostArray) => Promise<HostArray>,
  query: HostArray,
  size: number,
): Promise<HostArray> {
  const output = new Float32Array(query.length);
  for (let from = 0; from < query.length; from += size) output.set(await call(query.subarray(from, from + size)), from);
  return output;
}

function callsNeeded({ positions, headWidth }: AttentionSizes): number {
  let parts = 1;
  while ((2 * positions * positions * headWidth) / parts >= 2 ** 31) parts *= 2;
  return parts;
}

function attentionGraph(
  form: OnnxAttentionForm,
  sizes: AttentionSizes,
  queries: number,
  { causal = false, lengths }: OnnxAttentionOptions,
): OnnxGraph {
  const rows = (name: string, positions: number): OnnxValue => ({
    name,
    type: "float32",
    shape: [sizes.sets, positions, sizes.heads * sizes.headWidth],
  });
  const mask: readonly OnnxValue[] = lengths ? [{ name: "lengths", type: "int32", shape: [sizes.sets] }] : [];
  return {
    opset: 23,
    inputs: [rows("query", queries), rows("key", sizes.positions), rows("value", sizes.positions), ...mask],
    outputs: [rows("output", queries)],
    nodes: [form === "MultiHeadAttention" ? multiHeadAttention(sizes, causal, lengths) : attention(sizes, causal)],
  };
}

function multiHeadAttention({ heads }: AttentionSizes, causal: boolean, lengths: Int32Array | undefined): OnnxNode {
  return {
    op: "MultiHeadAttention",
    domain: "com.microsoft",
    inputs: ["query", "key", "value", ...(lengths ? ["", "lengths"] : [])],
    outputs: ["output"],
    attributes: { num_heads: heads, unidirectional: causal ? 1 : 0 },
  };
}

function attention({ heads }: AttentionSizes, causal: boolean): OnnxNode {
  return {
    op: "Attention",
    inputs: ["query", "key", "value"],
    outputs: ["output"],
    attributes: { q_num_heads: heads, kv_num_heads: heads, is_causal: causal ? 1 : 0 },
  };
}
