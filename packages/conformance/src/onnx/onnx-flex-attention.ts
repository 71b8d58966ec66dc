// The ONNX operator FlexAttention (ai.onnx.preview, version 1), as far as our contract expresses its modifiers.
//
// A modifier is a graph, and the file of cases does not hold graphs: it only says that there is one. What the graphs
// of the ONNX test cases compute was read from the model files beside it, and is written down here by case.

import {
  type AttentionBias,
  type AttentionOptions,
  type AttentionPattern,
  type Backend,
  offsetsOf,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { swapMiddle } from "./layouts.ts";
import type { OnnxCase } from "./onnx-case.ts";
import {
  checkAttributes,
  floatsOf,
  NotApplicableError,
  numberAttribute,
  type OnnxResults,
  requiredInput,
} from "./onnx-node.ts";

/** What the graphs of a case do, in our terms. */
interface Modifiers {
  readonly pattern?: AttentionPattern;
  readonly softcap?: number;
  /** Added to the score of query i and key j. */
  readonly bias?: (query: number, key: number) => number;
  /** The weights are multiplied by it, and so, since the output is linear in them, is the output. */
  readonly outputFactor?: number;
}

const modifiersOf: ReadonlyMap<string, Modifiers> = new Map<string, Modifiers>([
  ["test_flexattention_soft_cap", { softcap: 20 }],
  ["test_flexattention_relative_positional", { bias: (query, key) => query - key }],
  ["test_flexattention_score_mod", { bias: () => 0.5 }],
  ["test_flexattention_causal_mask", { pattern: { kind: "causal", offset: 0 } }],
  ["test_flexattention_prob_mod", { outputFactor: 0.5 }],
]);

/** Runs the operator: inputs Q, K, V [N, heads, positions, width]; output Y. Throws as `runOnnxAttention` does. */
export async function runOnnxFlexAttention(
  node: OnnxCase,
  backend: Backend,
  workspace: Workspace,
): Promise<OnnxResults> {
  checkAttributes(node, ["scale", "score_mod", "prob_mod", "softmax_precision"]);
  const modifiers = findModifiers(node);
  if (numberAttribute(node, "softmax_precision", 1) === 16)
    throw new NotApplicableError("softmax_precision bfloat16: no tolerance is stated for it");
  const [q, k, v] = [requiredInput(node, 0), requiredInput(node, 1), requiredInput(node, 2)];
  if (q.dims.length !== 4 || k.dims.length !== 4 || v.dims.length !== 4)
    throw new RangeError("Cannot run FlexAttention: Q, K and V must have 4 axes");
  const [sets, heads, queryCount] = q.dims as readonly [number, number, number, number];
  const [, kvHeads, keyCount] = k.dims as readonly [number, number, number, number];
  const valueWidth = v.dims[3]!;
  const rows = (tensor: typeof q): Tensor => {
    const [a, b, c, d] = tensor.dims as readonly [number, number, number, number];
    return workspace.upload(swapMiddle(floatsOf(tensor), [a, b, c, d]), [a * c, b * d]);
  };
  const offsets = (count: number): Int32Array => offsetsOf(Array.from({ length: sets }, () => count));
  const scale = numberAttribute(node, "scale", undefined);
  const options: AttentionOptions = {
    heads,
    kvHeads,
    ...(scale === undefined ? {} : { scale }),
    ...(modifiers.softcap === undefined ? {} : { softcap: modifiers.softcap }),
    ...(modifiers.bias === undefined
      ? {}
      : { bias: relativeBias(workspace, modifiers.bias, heads, queryCount, keyCount) }),
  };
  const plan = backend.plan(offsets(queryCount), offsets(keyCount), modifiers.pattern ?? { kind: "full" });
  const { output } = workspace.attention(rows(q), rows(k), rows(v), plan, options);
  const factor = modifiers.outputFactor;
  const y =
    factor === undefined
      ? output
      : workspace.multiply(
          output,
          workspace.upload(new Float32Array(heads * valueWidth).fill(factor), [heads * valueWidth]),
        );
  return [
    {
      dims: [sets, heads, queryCount, valueWidth],
      values: swapMiddle(await workspace.read(y), [sets, queryCount, heads, valueWidth]),
    },
  ];
}

function findModifiers(node: OnnxCase): Modifiers {
  const given = ["score_mod", "prob_mod"].filter((name) => node.attributes.has(name));
  if (given.length === 0) return {};
  const modifiers = modifiersOf.get(node.case);
  if (modifiers !== undefined) return modifiers;
  throw new NotApplicableError(`the case has a ${given.join(" and a ")}, a graph that the file does not hold`);
}

/** A bias that depends on key minus query alone, as a table over distances from the aligned query. */
function relativeBias(
  workspace: Workspace,
  bias: NonNullable<Modifiers["bias"]>,
  heads: number,
  queryCount: number,
  keyCount: number,
): AttentionBias {
  const reach = Math.max(queryCount, keyCount);
  const size = 2 * reach + 1;
  const table = new Float32Array(heads * size);
  for (let head = 0; head < heads; head++) {
    // A key at `distance` from query i + keys - queries is at `distance + keys - queries` from query i.
    for (let distance = -reach; distance <= reach; distance++)
      table[head * size + distance + reach] = bias(0, distance + keyCount - queryCount);
  }
  return { kind: "relative", table: workspace.upload(table, [heads, size]) };
}
