// What a node of the ONNX operator Attention says: its sizes, and what its attributes ask for.

import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";
import { inputOf, NotApplicableError, numberAttribute, requiredInput } from "./onnx-node.ts";

/** The sizes of a call. `keyCount` counts past and new keys; `validKeys` those of each set that are not padding. */
export interface AttentionSizes {
  readonly sets: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queryCount: number;
  readonly newKeys: number;
  readonly pastKeys: number;
  readonly keyCount: number;
  readonly validKeys: readonly number[];
  readonly width: number;
  readonly valueWidth: number;
  /** Whether Q, K and V are [N, positions, heads · width]. */
  readonly flat: boolean;
}

/** What the attributes of a call say. */
export interface AttentionSettings {
  readonly causal: boolean;
  readonly left: number;
  readonly right: number;
  readonly scale: number | undefined;
  readonly softcap: number;
  readonly stage: "scores" | "capped" | "biased" | "weights";
}

/** The attributes of opsets 23 to 25. */
export const knownAttributes: readonly string[] = [
  "is_causal",
  "kv_num_heads",
  "left_window_size",
  "q_num_heads",
  "qk_matmul_output_mode",
  "right_window_size",
  "scale",
  "softcap",
  "softmax_precision",
];
const stages = ["scores", "capped", "biased", "weights"] as const;

/** Throws `RangeError` for inputs that the specification does not allow together. */
export function sizesOf(node: OnnxCase): AttentionSizes {
  const [q, k, v] = [requiredInput(node, 0), requiredInput(node, 1), requiredInput(node, 2)];
  const rank = q.dims.length;
  if ((rank !== 3 && rank !== 4) || k.dims.length !== rank || v.dims.length !== rank) {
    throw new RangeError(
      `Cannot run Attention: Q, K and V must all have 3 or all 4 axes, they have ${rank}, ${k.dims.length} and ${v.dims.length}`,
    );
  }
  const flat = rank === 3;
  const heads = headsOf(node, flat, "q_num_heads", q);
  const kvHeads = headsOf(node, flat, "kv_num_heads", k);
  const [sets, queryCount, newKeys] = [q.dims[0]!, q.dims[rank - 2]!, k.dims[rank - 2]!];
  if (k.dims[0] !== sets || v.dims[0] !== sets || v.dims[rank - 2] !== newKeys) {
    throw new RangeError(
      `Cannot run Attention: Q, K and V must have the same sets, K and V the same positions; they are [${q.dims.join(", ")}], [${k.dims.join(", ")}] and [${v.dims.join(", ")}]`,
    );
  }
  const pastKey = inputOf(node, 4);
  if ((pastKey === null) !== (inputOf(node, 5) === null))
    throw new RangeError("Cannot run Attention: past_key and past_value must be given together, one is");
  const pastKeys = pastKey?.dims[2] ?? 0;
  const nonpad = inputOf(node, 6);
  if (nonpad !== null && pastKey !== null)
    throw new RangeError("Cannot run Attention: nonpad_kv_seqlen must not go with past_key, both are given");
  const keyCount = pastKeys + newKeys;
  const validKeys = nonpad === null ? Array.from({ length: sets }, () => keyCount) : [...nonpad.data];
  if (
    validKeys.length !== sets ||
    validKeys.some((count) => !Number.isInteger(count) || count < 0 || count > keyCount)
  ) {
    throw new RangeError(
      `Cannot run Attention: nonpad_kv_seqlen must hold ${sets} lengths of 0 to ${keyCount}, it holds ${validKeys.join(", ")}`,
    );
  }
  return {
    sets,
    heads,
    kvHeads,
    queryCount,
    newKeys,
    pastKeys,
    keyCount,
    validKeys,
    flat,
    width: flat ? q.dims[2]! / heads : q.dims[3]!,
    valueWidth: flat ? v.dims[2]! / kvHeads : v.dims[3]!,
  };
}

function headsOf(node: OnnxCase, flat: boolean, attribute: string, tensor: OnnxTensor): number {
  if (!flat) return tensor.dims[1]!;
  const heads = numberAttribute(node, attribute, 0);
  if (!Number.isInteger(heads) || heads < 1 || tensor.dims[2]! % heads !== 0) {
    throw new RangeError(
      `Cannot run Attention: ${attribute} must be given for 3 axes and divide the width ${tensor.dims[2]}, it is ${heads}`,
    );
  }
  return heads;
}

/** Throws `RangeError` for a mode that is not there, `NotApplicableError` for a softmax in bfloat16. */
export function settingsOf(node: OnnxCase): AttentionSettings {
  const precision = numberAttribute(node, "softmax_precision", 1);
  if (precision === 16) throw new NotApplicableError("softmax_precision bfloat16: no tolerance is stated for it");
  const mode = numberAttribute(node, "qk_matmul_output_mode", 0);
  const stage = stages[mode];
  if (stage === undefined)
    throw new RangeError(`Cannot run Attention: qk_matmul_output_mode must be 0 to 3, it is ${mode}`);
  return {
    stage,
    causal: numberAttribute(node, "is_causal", 0) !== 0,
    left: numberAttribute(node, "left_window_size", -1),
    right: numberAttribute(node, "right_window_size", -1),
    scale: numberAttribute(node, "scale", undefined),
    softcap: numberAttribute(node, "softcap", 0),
  };
}
