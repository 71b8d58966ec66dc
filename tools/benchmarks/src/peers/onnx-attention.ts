// Attention in onnxruntime-web, in the forms that its users have: com.microsoft MultiHeadAttention, ONNX Attention of
// opset 23, and products with a softmax between them. Which one is faster depends on the size, so several take part.
import type { Contestant, HostArray } from "../contestant.ts";
import type { AttentionInputs } from "../ours.ts";
import { buildOnnx } from "./onnx-builder.ts";
import type { OnnxSingleForm } from "./onnx-forms.ts";
import type { OnnxGraph, OnnxNode, OnnxValue } from "./onnx-model.ts";
import { type Feeds, onnxContestant, type OnnxRuntime } from "./onnxruntime.ts";

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
 * on the host with "Integer overflow" (a 32-bit size); the queries then go in as few equal calls as fit, over all keys.
 */
export async function onnxAttention(
  { device, open }: OnnxRuntime,
  form: OnnxSingleForm,
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  { causal = false, lengths }: OnnxAttentionOptions = {},
): Promise<Contestant> {
  const parts = device === "wasm" ? callsNeeded(sizes) : 1;
  const width = sizes.heads * sizes.headWidth;
  const queries = sizes.positions / parts;
  if (parts > 1 && (sizes.sets > 1 || causal)) throw new Error("one call overflows a 32-bit size");
  // The GPU's operator knows masks alone.
  const padding = lengths && (device === "wasm" ? lengthsPadding(lengths) : maskPadding(lengths, sizes.positions));
  const session = await open(attentionGraph(form, sizes, queries, causal, padding));
  const feeds = { query: inputs.query, key: inputs.key, value: inputs.value, ...padding?.feeds };
  const one = onnxContestant(`${form}${parts > 1 ? ` in ${parts} calls` : ""}`, session, feeds);
  if (parts === 1) return one;
  const call = async (query: HostArray): Promise<HostArray> => session.run({ ...feeds, query });
  return { ...one, run: async () => inParts(call, inputs.query, queries * width) };
}

/** How a graph is told where sets end: its inputs, their values, and their places among those of the node. */
interface Padding {
  readonly inputs: readonly OnnxValue[];
  readonly feeds: Feeds;
  readonly places: readonly string[];
}

function lengthsPadding(lengths: Int32Array): Padding {
  return {
    inputs: [{ name: "lengths", type: "int32", shape: [lengths.length] }],
    feeds: { lengths },
    places: ["", "lengths"],
  };
}

function maskPadding(lengths: Int32Array, positions: number): Padding {
  const mask = new Float32Array(lengths.length * positions * positions);
  for (const [set, length] of lengths.entries()) {
    for (let query = 0; query < positions; query++) {
      const first = (set * positions + query) * positions;
      mask.fill(forbidden, first + length, first + positions);
    }
  }
  return {
    inputs: [{ name: "mask", type: "float32", shape: [lengths.length, 1, positions, positions] }],
    feeds: { mask },
    places: ["", "", "mask"],
  };
}

/** Added to the scores of padding: far below any other, and finite. */
const forbidden = -1e30;

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
  form: OnnxSingleForm,
  sizes: AttentionSizes,
  queries: number,
  causal: boolean,
  padding: Padding | undefined,
): OnnxGraph {
  const rows = (name: string, positions: number): OnnxValue => ({
    name,
    type: "float32",
    shape: [sizes.sets, positions, sizes.heads * sizes.headWidth],
  });
  const inputs = [rows("query", queries), rows("key", sizes.positions), rows("value", sizes.positions)];
  const output = rows("output", queries);
  if (form === "MatMul and Softmax") return productsGraph(sizes, causal, inputs, output);
  return {
    opset: 23,
    inputs: [...inputs, ...(padding?.inputs ?? [])],
    outputs: [output],
    nodes: [form === "MultiHeadAttention" ? multiHeadAttention(sizes, causal, padding) : attention(sizes, causal)],
  };
}

/** Heads apart, scores, the mask added where there is one, softmax, the product with values, heads side by side again. */
function productsGraph(
  { positions, heads, headWidth }: AttentionSizes,
  causal: boolean,
  inputs: readonly OnnxValue[],
  { shape }: OnnxValue,
): OnnxGraph {
  const builder = buildOnnx();
  const split = (rows: string, axes: readonly number[]): string =>
    builder.node("Transpose", [builder.node("Reshape", [rows, builder.list(0, 0, heads, headWidth)])], { perm: axes });
  const scale = builder.constant(Float32Array.of(1 / Math.sqrt(headWidth)), [1]);
  const query = builder.node("Mul", [split("query", [0, 2, 1, 3]), scale]);
  const scores = builder.node("MatMul", [query, split("key", [0, 2, 3, 1])]);
  const masked = causal
    ? builder.node("Add", [scores, builder.constant(causalMask(positions), [positions, positions])])
    : scores;
  const weights = builder.node("Softmax", [masked]);
  const mixed = builder.node("MatMul", [weights, split("value", [0, 2, 1, 3])]);
  const beside = builder.node("Transpose", [mixed], { perm: [0, 2, 1, 3] });
  return builder.finish(inputs, builder.node("Reshape", [beside, builder.list(0, 0, heads * headWidth)]), shape);
}

function causalMask(positions: number): Float32Array {
  const mask = new Float32Array(positions * positions);
  for (let query = 0; query < positions; query++) {
    mask.fill(forbidden, query * positions + query + 1, (query + 1) * positions);
  }
  return mask;
}

function multiHeadAttention({ heads }: AttentionSizes, causal: boolean, padding: Padding | undefined): OnnxNode {
  return {
    op: "MultiHeadAttention",
    domain: "com.microsoft",
    inputs: ["query", "key", "value", ...(padding?.places ?? [])],
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
