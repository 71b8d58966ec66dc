// A case of attention as a few settings: inputs are drawn from the seed of its name, run on the backend, and every
// number that comes back is held against the dense formula.

import {
  type AttentionBias,
  type AttentionMaps,
  type AttentionOptions,
  type AttentionPattern,
  type AttentionPlan,
  type AttentionScore,
  type MapRequest,
  offsetsOf,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import type { Checker } from "../check/checker.ts";
import {
  type DenseBias,
  type DenseInput,
  type DenseOutput,
  denseAttention,
  type DenseScore,
} from "../dense/attention.ts";
import {
  denseColumnSums,
  denseEdges,
  denseEntropy,
  denseFull,
  denseLogSumExp,
  denseRows,
  headGroups,
  weightsOf,
} from "../dense/maps.ts";
import { neighborsOf, permittedKeys } from "../dense/permitted.ts";
import { type Random, seeded } from "../random.ts";

/** The kinds of bias that a case may ask for; `dense1` and `edges1` are shared by all heads. */
export type BiasKind = "dense" | "dense1" | "edges" | "edges1" | "alibi" | "relative" | "relative2d";

/** Settings of a case; what is left out takes the default of the contract. */
export interface AttentionSpec {
  readonly group: string;
  readonly name: string;
  /** Rows of each set of queries. */
  readonly queries: readonly number[];
  /** Rows of each set of keys; default those of the queries. */
  readonly keys?: readonly number[];
  /** Default full. */
  readonly pattern?: AttentionPattern | ((random: Random) => AttentionPattern);
  readonly heads?: number;
  readonly kvHeads?: number;
  /** D; default 8. */
  readonly width?: number;
  /** Width of a value head; default D. */
  readonly valueWidth?: number;
  readonly scale?: number;
  readonly softcap?: number;
  readonly score?: { readonly activation: "tanh" | "leakyRelu"; readonly slope?: number };
  readonly normalizer?: "softmax" | "relu" | "hard";
  readonly bias?: BiasKind;
  /** Columns of the grid for `relative2d`; default 4. */
  readonly columns?: number;
  readonly maps?: MapRequest;
  /** Changes the drawn inputs in place: a NaN here, a large logit there. */
  readonly change?: (inputs: Inputs, random: Random) => void;
}

/** The inputs of attention, on the host. */
export interface Inputs {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly bias: Float32Array | null;
}

/** All that is drawn from the seed of a case. */
export interface DrawnCase {
  readonly pattern: AttentionPattern;
  readonly dense: DenseInput;
  /** E of the neighbours pattern, 0 for any other. */
  readonly edgeCount: number;
}

/** Draws the inputs of `spec`. */
export function drawCase(spec: AttentionSpec): DrawnCase {
  const random = seeded(`${spec.group}/${spec.name}`);
  const queries = offsetsOf(spec.queries);
  const keys = offsetsOf(spec.keys ?? spec.queries);
  const pattern = typeof spec.pattern === "function" ? spec.pattern(random) : (spec.pattern ?? { kind: "full" });
  const heads = spec.heads ?? 2;
  const kvHeads = spec.kvHeads ?? heads;
  const width = spec.width ?? 8;
  const valueWidth = spec.valueWidth ?? width;
  const q = random.normals(queries.at(-1)! * heads * width);
  const k = random.normals(keys.at(-1)! * kvHeads * width);
  const v = random.normals(keys.at(-1)! * kvHeads * valueWidth);
  const score: DenseScore =
    spec.score === undefined
      ? { kind: "dot" }
      : {
          kind: "additive",
          vector: random.normals(heads * width),
          activation: spec.score.activation,
          slope: spec.score.slope ?? 0.2,
        };
  const bias = spec.bias === undefined ? null : drawBias(spec.bias, spec, pattern, queries, keys, heads, random);
  spec.change?.({ q, k, v, bias: valuesOfBias(bias) }, random);
  const dense: DenseInput = {
    q,
    k,
    v,
    queries,
    keys,
    heads,
    kvHeads,
    width,
    valueWidth,
    score,
    bias,
    permitted: permittedKeys(pattern, queries, keys),
    scale: spec.scale ?? (score.kind === "dot" ? 1 / Math.sqrt(width) : 1),
    softcap: spec.softcap ?? 0,
    normalizer: spec.normalizer ?? "softmax",
  };
  return { pattern, dense, edgeCount: neighborsOf(pattern)?.indices.length ?? 0 };
}

function drawBias(
  kind: BiasKind,
  spec: AttentionSpec,
  pattern: AttentionPattern,
  queries: Int32Array,
  keys: Int32Array,
  heads: number,
  random: Random,
): DenseBias {
  switch (kind) {
    case "dense":
    case "dense1": {
      const columns = kind === "dense" ? heads : 1;
      let pairs = 0;
      for (let set = 0; set + 1 < queries.length; set++)
        pairs += (queries[set + 1]! - queries[set]!) * (keys[set + 1]! - keys[set]!);
      return { kind: "dense", values: random.normals(pairs * columns), heads: columns };
    }
    case "edges":
    case "edges1": {
      const columns = kind === "edges" ? heads : 1;
      const edgeCount = neighborsOf(pattern)?.indices.length ?? 0;
      return { kind: "edges", values: random.normals(edgeCount * columns), heads: columns };
    }
    case "alibi":
      return { kind: "alibi", slopes: Float32Array.from({ length: heads }, (_, head) => 2 ** -(head + 1)) };
    case "relative":
      return { kind: "relative", table: random.normals(heads * 9), reach: 4 };
    case "relative2d":
      return { kind: "relative2d", table: random.normals(heads * 5 * 7), columns: spec.columns ?? 4, reach: [2, 3] };
  }
}

function valuesOfBias(bias: DenseBias | null): Float32Array | null {
  return bias !== null && "values" in bias ? bias.values : null;
}

/** A case that runs `spec` and checks output, plan and maps. */
export function attentionCase(spec: AttentionSpec): BackendCase {
  return { group: spec.group, name: spec.name, run: (context) => checkAttention(spec, context) };
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

async function checkMaps(
  check: Checker,
  workspace: Workspace,
  maps: AttentionMaps,
  request: MapRequest,
  input: DenseInput,
  expected: DenseOutput,
  edgeCount: number,
): Promise<void> {
  const mean = request.meanOverHeads ?? false;
  const columns = mean ? 1 : input.heads;
  const queryRows = input.queries.at(-1)!;
  if (request.rows !== undefined) {
    check.close("maps.rows", await workspace.read(maps.rows!), denseRows(input, expected, request.rows, mean));
  }
  if (request.topK !== undefined) {
    const { keys, weights } = maps.topK!;
    check.shape("maps.topK.keys", keys.shape, [queryRows, columns, request.topK]);
    check.shape("maps.topK.weights", weights.shape, [queryRows, columns, request.topK]);
    checkTopK(check, await workspace.read(keys), await workspace.read(weights), request.topK, input, expected, mean);
  }
  if (request.columnSums) {
    check.shape("maps.columnSums", maps.columnSums!.shape, [input.keys.at(-1)!, columns]);
    check.close("maps.columnSums", await workspace.read(maps.columnSums!), denseColumnSums(input, expected, mean));
  }
  if (request.entropy) {
    check.shape("maps.entropy", maps.entropy!.shape, [queryRows, input.heads]);
    // Entropy is a difference of logarithms: its rounding is that of numbers near 1, however small it comes out.
    check.close("maps.entropy", await workspace.read(maps.entropy!), denseEntropy(expected), 1);
  }
  if (request.logSumExp) {
    check.shape("maps.logSumExp", maps.logSumExp!.shape, [queryRows, input.heads]);
    check.close("maps.logSumExp", await workspace.read(maps.logSumExp!), denseLogSumExp(expected), 1);
  }
  if (request.edges) {
    check.shape("maps.edges", maps.edges!.shape, [edgeCount, columns]);
    check.close("maps.edges", await workspace.read(maps.edges!), denseEdges(input, expected, edgeCount, mean));
  }
  if (request.full !== undefined) {
    check.close(
      `maps.full of ${request.full}`,
      await workspace.read(maps.full!),
      denseFull(input, expected, request.full, mean),
    );
  }
}

/** Equal weights may come in any order, so keys are checked by the weight that they have. */
function checkTopK(
  check: Checker,
  keys: Int32Array,
  weights: Float32Array,
  k: number,
  input: DenseInput,
  expected: DenseOutput,
  mean: boolean,
): void {
  const largest: number[] = [];
  const ofKeys: number[] = [];
  let place = 0;
  for (let row = 0; row < input.permitted.length; row++) {
    for (const group of headGroups(expected, row, input.heads, mean)) {
      const set = group[0]!.set;
      const ofRow = weightsOf(group, input.keys[set + 1]! - input.keys[set]!);
      const permitted = [...new Set(group.flatMap(({ weighted }) => weighted.map(({ key }) => key)))];
      const sorted = permitted.map((key) => ofRow[key]!).sort((a, b) => b - a);
      const found = keys.subarray(place, place + k);
      const named = [...found].filter((key) => key !== -1);
      check.that(
        `maps.topK.keys of row ${row} must be ${Math.min(k, permitted.length)} distinct permitted keys and -1 after them, is ${found.join(", ")}`,
        named.length === Math.min(k, permitted.length) &&
          new Set(named).size === named.length &&
          named.every((key, i) => permitted.includes(key) && found[i] === key),
      );
      for (let i = 0; i < k; i++) {
        largest.push(sorted[i] ?? 0);
        ofKeys.push(i < named.length ? ofRow[named[i]!]! : 0);
      }
      place += k;
    }
  }
  check.close("maps.topK.weights", weights, largest);
  check.close("weights of maps.topK.keys", ofKeys, largest);
}
