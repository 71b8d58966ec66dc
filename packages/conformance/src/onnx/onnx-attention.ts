// The ONNX operator Attention (opsets 23 to 25) in the terms of our contract: heads before positions become rows,
// a padded cache becomes a ragged one, past keys and values are appended, masks become patterns or dense biases, and
// `qk_matmul_output` is the map `full`.
//
// Where causal and window bounds are counted from differs from our default: ONNX counts from the past length (0
// without a cache), which an explicit offset says; with `nonpad_kv_seqlen` it counts from the end of the valid keys
// of each set, which is our default once the padding is cut off.

import {
  type AttentionBias,
  type AttentionPattern,
  type Backend,
  offsetsOf,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { broadcast, swapMiddle } from "./layouts.ts";
import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";
import {
  checkAttributes,
  floatsOf,
  inputOf,
  NotApplicableError,
  numberAttribute,
  type OnnxResults,
  requiredInput,
  sizeOfDims,
  wantsOutput,
} from "./onnx-node.ts";

/** The sizes of a call. `keyCount` counts past and new keys; `validKeys` those of each set that are not padding. */
interface Sizes {
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
interface Settings {
  readonly causal: boolean;
  readonly left: number;
  readonly right: number;
  readonly scale: number | undefined;
  readonly softcap: number;
  readonly stage: "scores" | "capped" | "biased" | "weights";
}

const knownAttributes: readonly string[] = [
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

/**
 * Runs the operator: inputs Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen; outputs Y, present_key,
 * present_value, qk_matmul_output. Throws `NotApplicableError` for what our contract does not express, and
 * `TypeError` or `RangeError` for a node that the operator's specification does not allow.
 */
export async function runOnnxAttention(node: OnnxCase, backend: Backend, workspace: Workspace): Promise<OnnxResults> {
  checkAttributes(node, knownAttributes);
  const sizes = sizesOf(node);
  const settings = settingsOf(node);
  const wantsScores = wantsOutput(node, 3);
  const [q, newK, newV] = [0, 1, 2].map((place) => rowsOf(workspace, requiredInput(node, place), sizes)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const k = withPast(workspace, inputOf(node, 4), newK, sizes);
  const v = withPast(workspace, inputOf(node, 5), newV, sizes);

  // Scores are wanted of padding too, so that then the padding stays, behind a rule; otherwise it is cut off.
  const cut = !wantsScores && sizes.validKeys.some((count) => count < sizes.keyCount);
  const keyCounts = cut ? sizes.validKeys : sizes.validKeys.map(() => sizes.keyCount);
  const queries = offsetsOf(sizes.validKeys.map(() => sizes.queryCount));
  const mask = maskOf(node, sizes);
  const pattern = patternOf(node, settings, sizes, mask, cut);
  const bias = mask === null || mask.permits ? null : uploadBias(workspace, mask, sizes, keyCounts);
  const { output, maps } = workspace.attention(
    q,
    cut ? keepValid(workspace, k, sizes) : k,
    cut ? keepValid(workspace, v, sizes) : v,
    backend.plan(queries, offsetsOf(keyCounts), pattern),
    {
      heads: sizes.heads,
      kvHeads: sizes.kvHeads,
      softcap: settings.softcap,
      ...(settings.scale === undefined ? {} : { scale: settings.scale }),
      ...(bias === null ? {} : { bias }),
      ...(wantsScores ? { maps: { full: settings.stage } } : {}),
    },
  );

  const { sets, heads, kvHeads, queryCount, keyCount, width, valueWidth, flat } = sizes;
  const y = await workspace.read(output);
  return [
    flat
      ? { dims: [sets, queryCount, heads * valueWidth], values: y }
      : { dims: [sets, heads, queryCount, valueWidth], values: swapMiddle(y, [sets, queryCount, heads, valueWidth]) },
    wantsOutput(node, 1)
      ? {
          dims: [sets, kvHeads, keyCount, width],
          values: swapMiddle(await workspace.read(k), [sets, keyCount, kvHeads, width]),
        }
      : null,
    wantsOutput(node, 2)
      ? {
          dims: [sets, kvHeads, keyCount, valueWidth],
          values: swapMiddle(await workspace.read(v), [sets, keyCount, kvHeads, valueWidth]),
        }
      : null,
    maps.full === undefined
      ? null
      : { dims: [sets, heads, queryCount, keyCount], values: await workspace.read(maps.full) },
  ];
}

function sizesOf(node: OnnxCase): Sizes {
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

function settingsOf(node: OnnxCase): Settings {
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

/** Q, K, V as rows [N · positions, heads · width]. */
function rowsOf(workspace: Workspace, tensor: OnnxTensor, { flat }: Sizes): Tensor {
  const values = floatsOf(tensor);
  if (flat) {
    const [sets, positions, columns] = tensor.dims as readonly [number, number, number];
    return workspace.upload(values, [sets * positions, columns]);
  }
  const [sets, heads, positions, width] = tensor.dims as readonly [number, number, number, number];
  return workspace.upload(swapMiddle(values, [sets, heads, positions, width]), [sets * positions, heads * width]);
}

/** Past rows and the new ones behind them, set by set. */
function withPast(workspace: Workspace, past: OnnxTensor | null, rows: Tensor, sizes: Sizes): Tensor {
  if (past === null) return rows;
  return workspace.append([
    {
      rows: rowsOf(workspace, past, { ...sizes, flat: false }),
      offsets: offsetsOf(sizes.validKeys.map(() => sizes.pastKeys)),
    },
    { rows, offsets: offsetsOf(sizes.validKeys.map(() => sizes.newKeys)) },
  ]);
}

/** The rows that are not padding. */
function keepValid(workspace: Workspace, rows: Tensor, { validKeys, keyCount }: Sizes): Tensor {
  const kept = validKeys.flatMap((count, set) => Array.from({ length: count }, (_, key) => set * keyCount + key));
  return workspace.embed(rows, workspace.upload(Int32Array.from(kept), [kept.length]));
}

/** attn_mask of every pair [N, columns, queries, keys], with a column for all heads or one for each. */
interface Mask {
  readonly values: Float32Array;
  readonly columns: number;
  /** Whether it says which pairs are permitted, instead of what is added. */
  readonly permits: boolean;
}

function maskOf(node: OnnxCase, sizes: Sizes): Mask | null {
  const given = inputOf(node, 3);
  if (given === null) return null;
  const permits = given.dtype === "bool";
  const mask = padMask(given, sizes.keyCount, permits ? 0 : -Infinity);
  const columns = (mask.dims.at(-3) ?? 1) === 1 ? 1 : sizes.heads;
  const values = broadcast(floatsOf(mask), mask.dims, [sizes.sets, columns, sizes.queryCount, sizes.keyCount]);
  // A pattern knows no heads: where they differ, what is not permitted is forbidden by a bias.
  if (permits && columns > 1)
    return { values: values.map((value) => (value === 0 ? -Infinity : 0)), columns, permits: false };
  return { values, columns, permits };
}

/** A mask of fewer keys says nothing of the last ones: they are forbidden. */
function padMask(mask: OnnxTensor, keyCount: number, fill: number): OnnxTensor {
  const given = mask.dims.at(-1);
  if (given === undefined || given >= keyCount) return mask;
  const rows = sizeOfDims(mask.dims.slice(0, -1));
  const data = new Float64Array(rows * keyCount).fill(fill);
  for (let row = 0; row < rows; row++) data.set(mask.data.subarray(row * given, (row + 1) * given), row * keyCount);
  return { ...mask, dims: [...mask.dims.slice(0, -1), keyCount], data };
}

function patternOf(
  node: OnnxCase,
  settings: Settings,
  sizes: Sizes,
  mask: Mask | null,
  cut: boolean,
): AttentionPattern {
  const { causal, left, right } = settings;
  const { validKeys, keyCount, queryCount } = sizes;
  const parts: AttentionPattern[] = [];
  if (!cut && validKeys.some((count) => count < keyCount)) {
    // Padding that stays: bounds are counted from the end of the valid keys of each set.
    parts.push({
      kind: "rule",
      permits: (query, key, set) => {
        const distance = key - (query + validKeys[set]! - queryCount);
        return (
          key < validKeys[set]! &&
          (!causal || distance <= 0) &&
          (left < 0 || distance >= -left) &&
          (right < 0 || distance <= right)
        );
      },
    });
  } else {
    const offset = inputOf(node, 6) === null ? { offset: sizes.pastKeys } : {};
    if (causal) parts.push({ kind: "causal", ...offset });
    if (left >= 0 || right >= 0) parts.push({ kind: "window", left, right, ...offset });
  }
  if (mask?.permits) {
    parts.push({
      kind: "rule",
      permits: (query, key, set) => mask.values[(set * queryCount + query) * keyCount + key] !== 0,
    });
  }
  return parts.length === 1 ? parts[0]! : { kind: "all", of: parts };
}

/** The mask as a dense bias, for each set [columns, queries, its keys]. */
function uploadBias(
  workspace: Workspace,
  { values, columns }: Mask,
  sizes: Sizes,
  keyCounts: readonly number[],
): AttentionBias {
  const rows = columns * sizes.queryCount;
  const kept = keyCounts.flatMap((count, set) =>
    Array.from({ length: rows }, (_, row) => (set * rows + row) * sizes.keyCount).map((from) =>
      values.subarray(from, from + count),
    ),
  );
  const bias = new Float32Array(kept.reduce((sum, row) => sum + row.length, 0));
  let to = 0;
  for (const row of kept) {
    bias.set(row, to);
    to += row.length;
  }
  return { kind: "dense", values: workspace.upload(bias, [bias.length]), heads: columns };
}
