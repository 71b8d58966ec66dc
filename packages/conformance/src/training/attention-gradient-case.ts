// Runs attention forward and backward on a backend and on the reference, and compares every gradient.

import type { AttentionGradients, AttentionPlan, Dropout, Tensor, TrainingBackend } from "@saccade/attention-core";
import { withWorkspace } from "../backend-case.ts";
import { optionsOf, uploadInputs } from "../cases/attention-case.ts";
import { type AttentionSpec, drawCase, type DrawnCase } from "../cases/attention-spec.ts";
import type { Checker } from "../check/checker.ts";
import { leastScale } from "../check/compare.ts";
import { denseAttention, type DenseInput } from "../dense/attention.ts";
import { seeded } from "../random.ts";
import {
  gradientTolerance,
  type TrainingCase,
  type TrainingCaseContext,
  trainingCase,
  withReference,
} from "./training-case.ts";

/** Settings of a case of attention's gradient; maps are left out. */
export interface AttentionGradientSpec extends AttentionSpec {
  readonly dropout?: Dropout;
}

/** What comes back from a run, as arrays. */
export interface AttentionGradientValues extends Readonly<Record<keyof AttentionGradients, Float32Array | null>> {
  readonly output: Float32Array;
  /** Null for normalizers other than softmax. */
  readonly logSumExp: Float32Array | null;
}

/** A score as close to 0 may have the other sign in float32: the slope of the normalizer relu jumps there. */
const nearZero = 2e-6;

/**
 * Gradients of scores are differences of numbers near 1, even where they come to 0 as for a single key; this share of what
 * they are multiplied by is the least scale of a comparison.
 */
const differenceScale = 1e-2;
/** The largest inputs that are meant to count; those of 3e38 are behind a mask. */
const largestInput = 100;

/** A case that runs `spec` backward from random gradients of the output. */
export function attentionGradientCase(spec: AttentionGradientSpec): TrainingCase {
  return trainingCase(spec.group, spec.name, (context) => checkGradients(spec, context));
}

async function checkGradients(spec: AttentionGradientSpec, { backend, check }: TrainingCaseContext): Promise<void> {
  const drawn = drawCase(spec, (input) => spec.normalizer === "relu" && hasScoresNearZero(input));
  const actual = await runGradients(spec, drawn, backend);
  const expected = await withReference((reference) => runGradients(spec, drawn, reference));
  check.close("output", actual.output, expected.output!);
  for (const name of ["v", "q", "k", "bias", "vector"] as const) {
    const [values, wanted] = [actual[name], expected[name]];
    check.that(
      `the gradient of ${name} must be ${wanted === null ? "null" : "a tensor"}`,
      (values === null) === (wanted === null),
    );
    if (values === null || wanted === null) continue;
    check.close(`gradient of ${name}`, values, wanted, leastScaleOf(name, wanted, expected.logSumExp, drawn.dense));
  }
  checkUnattended(check, actual, drawn.dense);
  if (spec.normalizer === "hard") {
    checkZeros(check, "gradient of q", actual.q!);
    checkZeros(check, "gradient of k", actual.k!);
  }
}

/**
 * The scale of a comparison. Weights are made from scores and a log-sum-exp in float32: where those are 10,000 they are
 * known to 10,000 · 2^-24 each, and that is the relative error of a weight.
 */
function leastScaleOf(
  name: keyof AttentionGradients,
  expected: Float32Array,
  logSumExp: Float32Array | null,
  { q, k }: DenseInput,
): number {
  const factors = { v: leastScale / differenceScale, q: largestOf(k), k: largestOf(q), bias: 1, vector: 1 };
  const least = differenceScale * Math.min(factors[name], largestInput);
  const error = 2 ** -22 * largestOf(logSumExp ?? []);
  return error <= gradientTolerance ? least : (error / gradientTolerance) * Math.max(least, largestOf(expected));
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
}

function hasScoresNearZero(input: DenseInput): boolean {
  return denseAttention(input).rows.some(({ weighted }) => {
    const largest = Math.max(1, ...weighted.map(({ score }) => Math.abs(score)));
    return weighted.some(({ score }) => score !== 0 && Math.abs(score) < nearZero * largest);
  });
}

/** Runs a drawn case forward and backward; the gradient of the output is drawn from its name. */
export async function runGradients(
  spec: AttentionGradientSpec,
  { dense, pattern }: DrawnCase,
  backend: TrainingBackend,
  plan: AttentionPlan = backend.plan(dense.queries, dense.keys, pattern),
): Promise<AttentionGradientValues> {
  const { maps: _, dropout, ...rest } = spec;
  return withWorkspace(backend, async (workspace) => {
    const { q, k, v } = uploadInputs(workspace, dense);
    const options = { ...optionsOf(rest, dense, workspace), ...(dropout === undefined ? {} : { dropout }) };
    const softmax = dense.normalizer === "softmax";
    const { output, maps } = workspace.attention(q, k, v, plan, {
      ...options,
      ...(softmax ? { maps: { logSumExp: true } } : {}),
    });
    const random = seeded(`${spec.group}/${spec.name}/gradient`);
    const dy = workspace.upload(random.normals(dense.queries.at(-1)! * dense.heads * dense.valueWidth), output.shape);
    const attended = { output, logSumExp: maps.logSumExp ?? null };
    const gradients = workspace.attentionGradient(q, k, v, plan, options, attended, dy);
    const read = (tensor: Tensor | null): Promise<Float32Array> | null =>
      tensor === null ? null : workspace.read(tensor);
    return {
      output: await workspace.read(output),
      logSumExp: await read(attended.logSumExp),
      q: await read(gradients.q),
      k: await read(gradients.k),
      v: await read(gradients.v),
      bias: await read(gradients.bias),
      vector: await read(gradients.vector),
    };
  });
}

/** Queries without any permitted key, and keys that nobody may attend to, get zeros to the bit. */
function checkUnattended(check: Checker, { q, k, v }: AttentionGradientValues, input: DenseInput): void {
  const { permitted, queries, keys, heads, kvHeads, width, valueWidth } = input;
  const attended = new Set<number>();
  permitted.forEach((row, query) => {
    if (row.length === 0) checkZeros(check, `gradient of query row ${query}`, rowOf(q!, query, heads * width));
    let set = 0;
    while (queries[set + 1]! <= query) set++;
    for (const { key } of row) attended.add(keys[set]! + key);
  });
  for (let key = 0; key < keys.at(-1)!; key++) {
    if (attended.has(key)) continue;
    checkZeros(check, `gradient of key row ${key}`, rowOf(k!, key, kvHeads * width));
    checkZeros(check, `gradient of value row ${key}`, rowOf(v!, key, kvHeads * valueWidth));
  }
}

function rowOf(values: Float32Array, row: number, width: number): Float32Array {
  return values.subarray(row * width, (row + 1) * width);
}

function checkZeros(check: Checker, what: string, values: Float32Array): void {
  check.that(
    `${what} must be zeros, is ${values.join(", ")}`,
    values.every((value) => value === 0),
  );
}
