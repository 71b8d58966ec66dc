// For tests: calls of attention on the GPU beside the reference backend.

import type { AttentionBias, AttentionOptions, AttentionScore, Workspace } from "../src/backend.ts";
import { checkAttention } from "../src/check-attention.ts";
import { compilePlan } from "../src/compile-plan.ts";
import { dispose } from "../src/disposal.ts";
import type { AttentionPattern } from "../src/pattern.ts";
import type { AttentionPlan } from "../src/plan.ts";
import { offsetsOf } from "../src/ragged.ts";
import { randomStream } from "../src/random.ts";
import { createReferenceBackend } from "../src/reference/index.ts";
import type { Tensor } from "../src/tensor.ts";
import { type AttentionChoice, submitAttention } from "../src/webgpu/attention.ts";
import type { Webgpu } from "../src/webgpu/webgpu-backend.ts";

/** A call over random rows. */
export interface AttentionTrial {
  readonly queries: readonly number[];
  readonly keys?: readonly number[];
  readonly pattern: AttentionPattern;
  readonly heads: number;
  readonly kvHeads?: number;
  readonly width: number;
  readonly valueWidth?: number;
  readonly softcap?: number;
  readonly normalizer?: AttentionOptions["normalizer"];
  readonly score?: "tanh" | "leakyRelu";
  readonly bias?: AttentionBias["kind"];
  /** Asks for maps as well, which compares the statistics. */
  readonly maps?: boolean;
  /** Overwrites some of what was drawn. */
  readonly change?: (values: TrialValues) => void;
}

/** What was drawn. */
export interface TrialValues {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly bias: Float32Array;
}

/** Output and maps of a trial. */
export type TrialResult = Readonly<Record<string, Float32Array>>;

/** What the choices gave, and how that differs from the reference. */
export interface TrialOutcome {
  readonly results: readonly TrialResult[];
  readonly differences: readonly string[];
}

/** Runs a trial by the reference backend, and by each choice on the GPU. */
export async function runAttentionTrial(
  backend: Webgpu,
  trial: AttentionTrial,
  choices: readonly AttentionChoice[],
): Promise<TrialOutcome> {
  const plan = planOf(trial);
  const values = draw(trial, plan);
  const reference = createReferenceBackend().workspace();
  const expected = await run(reference, trial, plan, values, ([q, k, v], options) =>
    reference.attention(q, k, v, plan, options),
  );
  const results: TrialResult[] = [];
  const differences: string[] = [];
  for (const choice of choices) {
    const workspace = backend.workspace();
    const result = await run(workspace, trial, plan, values, ([q, k, v], options) =>
      submitAttention(workspace, q, k, v, plan, checkAttention(q, k, v, plan, options), choice),
    );
    workspace[dispose]();
    for (const [name, values] of Object.entries(expected)) {
      const difference = differenceOf(result[name]!, values);
      if (difference !== null) differences.push(`${name} by ${choice.kernel}: ${difference}`);
    }
    results.push(result);
  }
  return { results, differences };
}

function planOf({ queries, keys = queries, pattern }: AttentionTrial): AttentionPlan {
  return compilePlan(offsetsOf(queries), offsetsOf(keys), pattern);
}

function draw(trial: AttentionTrial, plan: AttentionPlan): TrialValues & { readonly vector: Float32Array } {
  const { heads, kvHeads = heads, width, valueWidth = width, change } = trial;
  const random = randomStream(heads * 1000 + width);
  const fill = (size: number): Float32Array => Float32Array.from({ length: size }, () => 4 * random.uniform() - 2);
  const keyRows = plan.keyOffsets.at(-1)!;
  const values = {
    q: fill(plan.queryOffsets.at(-1)! * heads * width),
    k: fill(keyRows * kvHeads * width),
    v: fill(keyRows * kvHeads * valueWidth),
    bias: fill(biasShape(trial, plan).reduce((size, part) => size * part, 1)),
    vector: fill(heads * width),
  };
  change?.(values);
  return values;
}

function biasShape({ heads, bias }: AttentionTrial, plan: AttentionPlan): readonly number[] {
  switch (bias) {
    case "dense":
      return [heads * plan.densePairs];
    case "edges":
      return [plan.form.kind === "edges" ? plan.form.edgeCount : 0, heads];
    case "alibi":
      return [heads];
    case "relative":
      return [heads, 11];
    case "relative2d":
      return [heads, 5 * 7];
    case undefined:
      return [1];
    default:
      return bias satisfies never;
  }
}

async function run(
  workspace: Workspace,
  trial: AttentionTrial,
  plan: AttentionPlan,
  values: TrialValues & { readonly vector: Float32Array },
  attend: (
    tensors: readonly [q: Tensor, k: Tensor, v: Tensor],
    options: AttentionOptions,
  ) => ReturnType<Workspace["attention"]>,
): Promise<TrialResult> {
  const { heads, kvHeads = heads, width, valueWidth = width, softcap, normalizer, maps } = trial;
  const [P, keyRows] = [plan.queryOffsets.at(-1)!, plan.keyOffsets.at(-1)!];
  const q = workspace.upload(values.q, [P, heads * width]);
  const k = workspace.upload(values.k, [keyRows, kvHeads * width]);
  const v = workspace.upload(values.v, [keyRows, kvHeads * valueWidth]);
  const bias = trial.bias && biasOf(trial.bias, workspace.upload(values.bias, biasShape(trial, plan)), heads);
  const score: AttentionScore | undefined = trial.score && {
    kind: "additive",
    activation: trial.score,
    vector: workspace.upload(values.vector, [heads, width]),
  };
  const isSoftmax = (normalizer ?? "softmax") === "softmax";
  const attended = attend([q, k, v], {
    heads,
    kvHeads,
    ...(softcap !== undefined && { softcap }),
    ...(normalizer !== undefined && { normalizer }),
    ...(score && { score }),
    ...(bias && { bias }),
    ...(maps && { maps: { columnSums: true, ...(isSoftmax && { entropy: true, logSumExp: true }) } }),
  });
  const result: Record<string, Float32Array> = { output: await workspace.read(attended.output) };
  for (const name of ["columnSums", "entropy", "logSumExp"] as const) {
    const map = attended.maps[name];
    if (map) result[name] = await workspace.read(map);
  }
  return result;
}

function biasOf(kind: AttentionBias["kind"], values: Tensor, heads: number): AttentionBias {
  switch (kind) {
    case "dense":
      return { kind, values, heads };
    case "edges":
      return { kind, values };
    case "alibi":
      return { kind, slopes: values };
    case "relative":
      return { kind, table: values };
    case "relative2d":
      return { kind, table: values, columns: 5, reach: [2, 3] };
    default:
      return kind satisfies never;
  }
}

/** The first value that is off by more than 2e-5 and 1e-4 of what it should be. */
function differenceOf(actual: Float32Array, expected: Float32Array): string | null {
  if (actual.length !== expected.length) return `it has ${actual.length} values, it must have ${expected.length}`;
  const at = expected.findIndex((value, i) => {
    const error = Math.abs(actual[i]! - value);
    return !Object.is(actual[i], value) && !(error <= 2e-5 + 1e-4 * Math.abs(value));
  });
  return at < 0 ? null : `value ${at} is ${actual[at]}, it must be ${expected[at]}`;
}
