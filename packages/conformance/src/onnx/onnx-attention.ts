// The ONNX operator Attention (opsets 23 to 25) in the terms of our contract: heads before positions become rows,
// a padded cache becomes a ragged one, past keys and values are appended, masks become patterns or dense biases, and
// `qk_matmul_output` is the map `full`.
//
// Where causal and window bounds are counted from differs from our default: ONNX counts from the past length (0
// without a cache), which an explicit offset says; with `nonpad_kv_seqlen` it counts from the end of the valid keys
// of each set, which is our default once the padding is cut off.

import { type Backend, offsetsOf, type Tensor, type Workspace } from "@saccade/attention-core";
import { swapMiddle } from "./layouts.ts";
import { maskOf, patternOf, uploadBias } from "./onnx-attention-mask.ts";
import { type AttentionSizes, knownAttributes, settingsOf, sizesOf } from "./onnx-attention-node.ts";
import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";
import { checkAttributes, floatsOf, inputOf, type OnnxResults, requiredInput, wantsOutput } from "./onnx-node.ts";

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

/** Q, K, V as rows [N · positions, heads · width]. */
function rowsOf(workspace: Workspace, tensor: OnnxTensor, { flat }: AttentionSizes): Tensor {
  const values = floatsOf(tensor);
  if (flat) {
    const [sets, positions, columns] = tensor.dims as readonly [number, number, number];
    return workspace.upload(values, [sets * positions, columns]);
  }
  const [sets, heads, positions, width] = tensor.dims as readonly [number, number, number, number];
  return workspace.upload(swapMiddle(values, [sets, heads, positions, width]), [sets * positions, heads * width]);
}

/** Past rows and the new ones behind them, set by set. */
function withPast(workspace: Workspace, past: OnnxTensor | null, rows: Tensor, sizes: AttentionSizes): Tensor {
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
function keepValid(workspace: Workspace, rows: Tensor, { validKeys, keyCount }: AttentionSizes): Tensor {
  const kept = validKeys.flatMap((count, set) => Array.from({ length: count }, (_, key) => set * keyCount + key));
  return workspace.embed(rows, workspace.upload(Int32Array.from(kept), [kept.length]));
}
