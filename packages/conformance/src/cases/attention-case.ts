// Runs a case of attention on a backend, and holds every number that comes back against the dense formula.

import type {
  AttentionBias,
  AttentionOptions,
  AttentionPlan,
  AttentionScore,
  Tensor,
  Workspace,
} from "@saccade/attention-core";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import type { Checker } from "../check/checker.ts";
import { type DenseBias, type DenseInput, denseAttention } from "../dense/attention.ts";
import { type AttentionSpec, drawCase } from "./attention-spec.ts";
import { checkMaps } from "./check-maps.ts";

/** A case of attention, and the settings that it is made from. */
export interface AttentionCase extends BackendCase {
  readonly spec: AttentionSpec;
}

/** A case that runs `spec` and checks output, plan and maps. */
export function attentionCase(spec: AttentionSpec): AttentionCase {
  return { group: spec.group, name: spec.name, spec, run: (context) => checkAttention(spec, context) };
}

async function checkAttention(spec: AttentionSpec, { backend, check }: CaseContext): Promise<void> {
  const { pattern, dense: input, edgeCount } = drawCase(spec);
  const expected = denseAttention(input);
  const plan = backend.plan(input.queries, input.keys, pattern);
  checkPlan(check, plan, input);
  await withWorkspace(backend, async (workspace) => {
    const { q, k, v } = uploadInputs(workspace, input);
    const { output, maps } = workspace.attention(q, k, v, plan, optionsOf(spec, input, workspace));
    check.shape("output", output.shape, [input.queries.at(-1)!, input.heads * input.valueWidth]);
    const values = await workspace.read(output);
    check.close("output", values, expected.output);
    checkEmptyRows(check, values, input);
    if (spec.maps !== undefined) await checkMaps(check, workspace, maps, spec.maps, input, expected, edgeCount);
  });
}

/** Puts q, k and v into `workspace`. */
export function uploadInputs(workspace: Workspace, input: DenseInput): Record<"q" | "k" | "v", Tensor> {
  return {
    q: workspace.upload(input.q, [input.queries.at(-1)!, input.heads * input.width]),
    k: workspace.upload(input.k, [input.keys.at(-1)!, input.kvHeads * input.width]),
    v: workspace.upload(input.v, [input.keys.at(-1)!, input.kvHeads * input.valueWidth]),
  };
}

/** The options of a case; only what `spec` names is given, so that defaults are tested as well. */
export function optionsOf(spec: AttentionSpec, input: DenseInput, workspace: Workspace): AttentionOptions {
  return {
    heads: input.heads,
    ...(spec.kvHeads === undefined ? {} : { kvHeads: spec.kvHeads }),
    ...(spec.scale === undefined ? {} : { scale: spec.scale }),
    ...(spec.softcap === undefined ? {} : { softcap: spec.softcap }),
    ...(spec.normalizer === undefined ? {} : { normalizer: spec.normalizer }),
    ...(spec.score === undefined ? {} : { score: uploadScore(spec, input, workspace) }),
    ...(input.bias === null ? {} : { bias: uploadBias(input.bias, input.heads, workspace) }),
    ...(spec.maps === undefined ? {} : { maps: spec.maps }),
  };
}

function uploadScore(spec: AttentionSpec, { score, heads, width }: DenseInput, workspace: Workspace): AttentionScore {
  if (score.kind === "dot") return { kind: "dot" };
  const vector = workspace.upload(score.vector, [heads, width]);
  const { activation } = score;
  return {
    kind: "additive",
    vector,
    activation,
    ...(spec.score?.slope === undefined ? {} : { slope: spec.score.slope }),
  };
}

function uploadBias(bias: DenseBias, heads: number, workspace: Workspace): AttentionBias {
  switch (bias.kind) {
    case "dense":
      return { kind: "dense", values: workspace.upload(bias.values, [bias.values.length]), heads: bias.heads };
    case "edges":
      return { kind: "edges", values: workspace.upload(bias.values, [bias.values.length / bias.heads, bias.heads]) };
    case "alibi":
      return { kind: "alibi", slopes: workspace.upload(bias.slopes, [heads]) };
    case "relative":
      return { kind: "relative", table: workspace.upload(bias.table, [heads, 2 * bias.reach + 1]) };
    case "relative2d": {
      const table = workspace.upload(bias.table, [heads, bias.table.length / heads]);
      return { kind: "relative2d", table, columns: bias.columns, reach: bias.reach };
    }
  }
}

function checkPlan(check: Checker, plan: AttentionPlan, input: DenseInput): void {
  const counts = input.permitted.map((row) => row.length);
  let densePairs = 0;
  for (let set = 0; set + 1 < input.queries.length; set++) {
    densePairs += (input.queries[set + 1]! - input.queries[set]!) * (input.keys[set + 1]! - input.keys[set]!);
  }
  check.same(
    "plan.pairs, plan.densePairs, plan.longestRow",
    [plan.pairs, plan.densePairs, plan.longestRow],
    [counts.reduce((a, b) => a + b, 0), densePairs, Math.max(0, ...counts)],
  );
}

/** Rows without any permitted key must be zero to the bit, not merely small. */
function checkEmptyRows(check: Checker, output: Float32Array, input: DenseInput): void {
  const width = input.heads * input.valueWidth;
  input.permitted.forEach((keys, row) => {
    if (keys.length > 0) return;
    const values = output.subarray(row * width, (row + 1) * width);
    check.that(
      `output of row ${row} without any permitted key must be zeros, is ${values.join(", ")}`,
      values.every((value) => value === 0),
    );
  });
}
