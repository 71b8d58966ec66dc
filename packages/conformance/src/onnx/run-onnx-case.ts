// One case of the ONNX files on one backend: which operator it needs, what of its outputs is ours, and how close they
// must come.

import type { Backend, Workspace } from "@saccade/attention-core";
import { compare, distance, tolerance } from "../check/compare.ts";
import { withWorkspace } from "../backend-case.ts";
import { runOnnxAttention } from "./onnx-attention.ts";
import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";
import { runOnnxFlexAttention } from "./onnx-flex-attention.ts";
import {
  runOnnxGelu,
  runOnnxLayerNorm,
  runOnnxRmsNorm,
  runOnnxRotaryEmbedding,
  runOnnxSoftmax,
  runOnnxSwish,
} from "./onnx-layers.ts";
import { NotApplicableError, type OnnxResults, roundAs } from "./onnx-node.ts";

/** What came of a case. */
export interface OnnxOutcome {
  readonly case: string;
  readonly status: "pass" | "fail" | "n/a";
  /** The largest error, in the terms of `tolerance`; null if nothing was compared. */
  readonly error: number | null;
  readonly tolerance: number | null;
  /** Why it failed or does not apply, or what of it was not checked. */
  readonly reason: string;
}

/**
 * Half precision, as stated with the cases: |actual - expected| at most 5e-3 + 2e-2 · |expected|, that is an error of
 * 2e-2 relative to |expected| + 0.25.
 */
export const halfTolerance = 2e-2;
const halfOffset = 5e-3 / halfTolerance;

interface Operator {
  readonly run: (node: OnnxCase, backend: Backend, workspace: Workspace) => Promise<OnnxResults>;
  /** How many of its outputs, from the first, are ours. */
  readonly outputs: number;
}

const operators: ReadonlyMap<string, Operator> = new Map([
  ["Attention", { run: runOnnxAttention, outputs: 4 }],
  ["FlexAttention", { run: runOnnxFlexAttention, outputs: 1 }],
  ["Softmax", { run: runOnnxSoftmax, outputs: 1 }],
  ["LogSoftmax", { run: runOnnxSoftmax, outputs: 1 }],
  ["LayerNormalization", { run: runOnnxLayerNorm, outputs: 1 }],
  ["RMSNormalization", { run: runOnnxRmsNorm, outputs: 1 }],
  ["Gelu", { run: runOnnxGelu, outputs: 1 }],
  ["Swish", { run: runOnnxSwish, outputs: 1 }],
  ["RotaryEmbedding", { run: runOnnxRotaryEmbedding, outputs: 1 }],
]);

const domains: readonly string[] = ["", "ai.onnx", "ai.onnx.preview"];
const linearAttention =
  "a recurrence over a matrix of state, without a score per pair or a softmax: no operation of the contract computes it";

/** Why the operator of a case is none of ours; null if it is one. */
export function whyNotApplicable(node: OnnxCase): string | null {
  if (node.op === "LinearAttention") return linearAttention;
  if (!domains.includes(node.domain)) return `the domain ${node.domain} is none of ours`;
  return operators.has(node.op) ? null : `the operator ${node.op} is none of ours: ${[...operators.keys()].join(", ")}`;
}

/** Runs one case on `backend`; never throws for what the case or the backend does wrong. */
export async function runOnnxCase(node: OnnxCase, backend: Backend): Promise<OnnxOutcome> {
  const reason = whyNotApplicable(node);
  if (reason !== null) return { case: node.case, status: "n/a", error: null, tolerance: null, reason };
  const operator = operators.get(node.op)!;
  try {
    const results = await withWorkspace(backend, (workspace) => operator.run(node, backend, workspace));
    return judge(node, results, operator.outputs);
  } catch (error) {
    if (error instanceof NotApplicableError)
      return { case: node.case, status: "n/a", error: null, tolerance: null, reason: error.message };
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { case: node.case, status: "fail", error: null, tolerance: null, reason: text };
  }
}

function judge(node: OnnxCase, results: OnnxResults, ours: number): OnnxOutcome {
  const half = isHalf(node);
  const limit = half ? halfTolerance : tolerance;
  let worst = 0;
  const notes: string[] = [];
  const unchecked: string[] = [];
  node.outputNames.forEach((name, place) => {
    if (name === "") return;
    if (place >= ours) {
      unchecked.push(name);
      return;
    }
    const expected = node.outputs.get(name);
    const result = results[place] ?? null;
    if (expected === undefined || result === null)
      throw new RangeError(`Cannot check ${node.op}: output "${name}" must have values, it has none`);
    if (result.dims.join() !== expected.dims.join()) {
      worst = Infinity;
      notes.push(`${name} must be [${expected.dims.join(", ")}], it is [${result.dims.join(", ")}]`);
      return;
    }
    const actual = roundAs(expected, result.values);
    const error = half ? halfError(actual, expected) : compare(actual, expected.data).error;
    if (error > limit) notes.push(`${name} is off by ${error.toPrecision(3)}`);
    worst = Math.max(worst, error);
  });
  if (worst > limit)
    return { case: node.case, status: "fail", error: worst, tolerance: limit, reason: notes.join("; ") };
  const aside = unchecked.length === 0 ? "" : `${unchecked.join(" and ")} not checked: no operation returns them`;
  return { case: node.case, status: "pass", error: worst, tolerance: limit, reason: aside };
}

/** Whether a case was computed in half precision anywhere: its data, or its softmax (10 is FLOAT16 in ONNX). */
function isHalf(node: OnnxCase): boolean {
  const tensors = [...node.inputs.values(), ...node.outputs.values()];
  return tensors.some(({ dtype }) => dtype === "float16") || node.attributes.get("softmax_precision") === 10;
}

function halfError(actual: ArrayLike<number>, expected: OnnxTensor): number {
  let worst = 0;
  expected.data.forEach((value, i) => {
    const off = distance(actual[i]!, value);
    if (off > 0) worst = Math.max(worst, off / (Math.abs(value) + halfOffset));
  });
  return worst;
}
