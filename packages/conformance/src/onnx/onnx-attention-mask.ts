// attn_mask, causal and window bounds and padding as a pattern, and as a dense bias where a pattern does not suffice.

import type { AttentionBias, AttentionPattern, Workspace } from "@saccade/attention-core";
import { broadcast } from "./layouts.ts";
import type { AttentionSettings, AttentionSizes } from "./onnx-attention-node.ts";
import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";
import { floatsOf, inputOf, sizeOfDims } from "./onnx-node.ts";

/** attn_mask of every pair [N, columns, queries, keys], with a column for all heads or one for each. */
export interface Mask {
  readonly values: Float32Array;
  readonly columns: number;
  /** Whether it says which pairs are permitted, instead of what is added. */
  readonly permits: boolean;
}

/** The mask of a node, or null. */
export function maskOf(node: OnnxCase, sizes: AttentionSizes): Mask | null {
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

/**
 * Which pairs are permitted. `cut` says that the keys are the valid ones alone; otherwise padding is forbidden here.
 */
export function patternOf(
  node: OnnxCase,
  settings: AttentionSettings,
  sizes: AttentionSizes,
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
export function uploadBias(
  workspace: Workspace,
  { values, columns }: Mask,
  sizes: AttentionSizes,
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
